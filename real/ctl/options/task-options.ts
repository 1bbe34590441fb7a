import type { ServiceSpec } from "../../../core/model/service.ts";
import type { RestartPolicy, Strategy, TaskSpec } from "../../../core/model/task-spec.ts";
import {
  bytesOf,
  countOf,
  durationOf,
  integerOf,
  nanoCpusOf,
  pairOf,
} from "../../command-line/units.ts";
import { constraints, genericResources, networks, preferences } from "./spec-lists.ts";
import { choice, inPlacement, inTask, list, one, type SpecOption, several } from "./spec-option.ts";

export const strategies: readonly Strategy[] = ["spread", "binpack"];

function inRestart(spec: ServiceSpec, change: Partial<RestartPolicy>): ServiceSpec {
  return inTask(spec, { restart: { ...spec.task.restart, ...change } });
}

function inLog(spec: ServiceSpec, change: Partial<NonNullable<TaskSpec["logDriver"]>>) {
  const before = spec.task.logDriver ?? { name: "json-file", options: new Map() };
  return inTask(spec, { logDriver: { ...before, ...change } });
}

/** What tasks have besides their container, where they run, and what comes after them. */
export const taskOptions: readonly SpecOption[] = [
  one("--reserve-cpu <count>", "processors set aside", nanoCpusOf, (spec, nanoCpus) => {
    return inTask(spec, { reservations: { ...spec.task.reservations, nanoCpus } });
  }),
  one("--reserve-memory <bytes>", "memory set aside", bytesOf, (spec, memoryBytes) => {
    return inTask(spec, { reservations: { ...spec.task.reservations, memoryBytes } });
  }),
  one("--limit-cpu <count>", "processors at most", nanoCpusOf, (spec, nanoCpus) => {
    return inTask(spec, { limits: { ...spec.task.limits, nanoCpus } });
  }),
  one("--limit-memory <bytes>", "memory at most", bytesOf, (spec, memoryBytes) => {
    return inTask(spec, { limits: { ...spec.task.limits, memoryBytes } });
  }),
  one("--limit-pids <count>", "processes at most", countOf, (spec, pids) => {
    return inTask(spec, { limits: { ...spec.task.limits, pids } });
  }),
  ...list("--generic-resource <kind=count>", "resource of the node set aside", genericResources),
  ...list("--network <network>", "network, or host, none, bridge", networks),
  one(
    "--log-driver <name>",
    "where its output goes",
    (text) => text,
    (spec, name) => inLog(spec, { name }),
  ),
  several("--log-opt <key=value>", "option of the log driver", (spec, words) => {
    return inLog(spec, { options: new Map(words.map(pairOf)) });
  }),
  one(
    "--priority <number>",
    "above others, where preemption is on",
    integerOf,
    (spec, priority) => {
      return inTask(spec, { priority });
    },
  ),
  ...list("--constraint <expression>", "node.labels.zone==a", constraints),
  ...list("--placement-pref <preference>", "spread=node.labels.zone", preferences),
  one("--replicas-max-per-node <count>", "0 is no limit", countOf, (spec, maxReplicas) => {
    return inPlacement(spec, { maxReplicas });
  }),
  choice(
    "--strategy <strategy>",
    "to nodes with little to do, or to full ones",
    [...strategies, "cluster"] as const,
    (spec, strategy) => inPlacement(spec, { strategy: strategy === "cluster" ? null : strategy }),
  ),
  several("--affinity <service>", "next to whose tasks it runs", (spec, affinity) => {
    return inPlacement(spec, { affinity });
  }),
  several(
    "--anti-affinity <service>",
    "next to whose tasks it never runs",
    (spec, antiAffinity) => {
      return inPlacement(spec, { antiAffinity });
    },
  ),
  choice(
    "--restart-condition <condition>",
    "when a task that ended is replaced",
    ["none", "on-failure", "any", "failure"] as const,
    (spec, condition) => {
      return inRestart(spec, { condition: condition === "failure" ? "on-failure" : condition });
    },
  ),
  one("--restart-delay <span>", "before the replacement starts", durationOf, (spec, delay) => {
    return inRestart(spec, { delay });
  }),
  one(
    "--restart-max-delay <span>",
    "up to which the delay doubles",
    durationOf,
    (spec, maxDelay) => {
      return inRestart(spec, { maxDelay });
    },
  ),
  one("--restart-max-attempts <count>", "0 is no limit", countOf, (spec, maxAttempts) => {
    return inRestart(spec, { maxAttempts });
  }),
  one("--restart-window <span>", "in which attempts count", durationOf, (spec, window) => {
    return inRestart(spec, { window });
  }),
];
