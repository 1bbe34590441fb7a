import type { Command } from "commander";
import type { EndpointSpec } from "../../../core/model/endpoint.ts";
import type { ServiceMode, ServiceSpec } from "../../../core/model/service.ts";
import { countOf } from "../../command-line/units.ts";
import { containerOptions } from "./container-options.ts";
import { rolloutOptions } from "./rollout-options.ts";
import type { Known } from "./service-words.ts";
import { labels, ports } from "./spec-lists.ts";
import { choice, list, one, type SpecOption, several } from "./spec-option.ts";
import { swarmkitOptions } from "./swarmkit-options.ts";
import { taskOptions } from "./task-options.ts";

function inEndpoint(spec: ServiceSpec, change: Partial<EndpointSpec>): ServiceSpec {
  return { ...spec, endpoint: { ...spec.endpoint, ...change } };
}

function modeNamed(kind: ServiceMode["kind"]): ServiceMode {
  if (kind === "replicated") return { kind, replicas: 1 };
  if (kind === "replicated-job") return { kind, maxConcurrent: 1, totalCompletions: 1 };
  return { kind };
}

function withReplicas(spec: ServiceSpec, replicas: number): ServiceSpec {
  const { mode } = spec;
  if (mode.kind === "replicated") return { ...spec, mode: { ...mode, replicas } };
  if (mode.kind !== "replicated-job") {
    throw new Error(`--replicas is for replicated services: ${spec.name} is ${mode.kind}`);
  }
  const maxConcurrent = Math.max(1, replicas);
  return { ...spec, mode: { ...mode, totalCompletions: replicas, maxConcurrent } };
}

function atMostAtOnce(spec: ServiceSpec, maxConcurrent: number): ServiceSpec {
  const { mode } = spec;
  if (mode.kind === "replicated-job") return { ...spec, mode: { ...mode, maxConcurrent } };
  throw new Error(`--max-concurrent is for replicated jobs: ${spec.name} is ${mode.kind}`);
}

const general: readonly SpecOption[] = [
  choice(
    "--mode <mode>",
    "how many tasks there are",
    ["replicated", "global", "replicated-job", "global-job"] as const,
    (spec, kind) => ({ ...spec, mode: modeNamed(kind) }),
  ),
  one("--replicas <count>", "tasks, or completions of a job", countOf, withReplicas),
  one("--max-concurrent <count>", "tasks of a job at a time", countOf, atMostAtOnce),
  ...list("-l, --label <key=value>", "label of the service", labels),
  several(
    "--depends-on <service>",
    "service that must run before this one starts",
    (spec, names) => {
      return { ...spec, dependsOn: names };
    },
  ),
  ...list("-p, --publish <port>", "published port: 8080:80, 53:53/udp, or mode=host,...", ports),
  choice("--endpoint-mode <mode>", "vip or dnsrr", ["vip", "dnsrr"] as const, (spec, mode) => {
    return inEndpoint(spec, { mode });
  }),
];

const all = [
  ...general,
  ...containerOptions,
  ...taskOptions,
  ...rolloutOptions("update"),
  ...rolloutOptions("rollback"),
  ...swarmkitOptions,
];

/** Adds to `command` every option that it has for the spec. */
export function withSpecOptions(command: Command, which: "create" | "update"): Command {
  for (const { option, only = which } of all) if (only === which) command.addOption(option);
  return command;
}

/** `spec` with what the options say, in the order of the lists above. */
export function specWith(
  spec: ServiceSpec,
  options: Readonly<Record<string, unknown>>,
  known: Known,
): ServiceSpec {
  return all.reduce((result, { option, apply }) => {
    const value = options[option.attributeName()];
    return value === undefined ? result : apply(result, value as never, known);
  }, spec);
}
