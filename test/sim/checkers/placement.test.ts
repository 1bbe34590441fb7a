import { expect, test } from "vitest";
import type { StoreObject } from "../../../core/model/change.ts";
import type { Task } from "../../../core/model/task.ts";
import type { Checker } from "../../../sim/checkers/checker.ts";
import { Exclusive, hostPortsOf, namedResourcesOf } from "../../../sim/checkers/claims.ts";
import { NeighboursHold } from "../../../sim/checkers/neighbours.ts";
import { CapacityNotExceeded, PlacementHolds } from "../../../sim/checkers/placement.ts";
import type { History } from "../../../sim/world/history.ts";
import {
  hostPort,
  type NodeTraits,
  node,
  resources,
  service,
  type TaskTraits,
  task,
} from "../../support/model.ts";
import { type Entry, objection } from "./entries.ts";

// Goal: a task on a node that lacks what it needs, or has whom it may not be beside, is seen.

/** The node is there; tasks come to it one after the other, in an entry each. */
function verdict(of: (history: History) => Checker, has: NodeTraits, ...entries: Entry[]) {
  const others = [service("web"), service("db"), service("api")];
  const there: Entry = { at: 1, by: "dispatcher", to: [node("n1", has), node("n2")] };
  return objection(of, others, there, ...entries);
}

function placing(id: string, traits: TaskTraits = {}, given: Partial<Task> = {}): Entry[] {
  const waiting = { ...task(id, { ...traits, state: "PENDING" }), ...given };
  const placed = { ...task(id, { ...traits, state: "ASSIGNED" }), ...given };
  return [
    { at: 2, to: [waiting] },
    { at: 3, by: "scheduler", to: [placed] },
  ];
}

const change = (...to: readonly StoreObject[]): Entry => ({ at: 4, by: "agent", to });
const capacity = () => new CapacityNotExceeded();
const cpus = (count: number): TaskTraits => ({ reservations: resources(count, 0) });
const memory = (mebi: number): TaskTraits => ({ reservations: resources(0, mebi) });
const full = (text: string) => `web.1 on n1 takes the node to ${text} bytes`;
const gpus = (count: number): TaskTraits => ({ generic: { gpu: count } });
const ids = (...names: readonly string[]) => ({ assignedResources: new Map([["gpu", names]]) });
const short = "web.1 on n1 takes more of gpu than the node has";

test.each<readonly [string, NodeTraits, readonly Entry[], string | null]>([
  ["all processors", { cpus: 2 }, [...placing("a", cpus(1)), ...placing("b", cpus(1))], null],
  [
    "one processor too many",
    { cpus: 2 },
    [...placing("a", cpus(1)), ...placing("b", cpus(2))],
    full("3 of 2 processors and 0 of 8589934592"),
  ],
  [
    "a byte too many",
    { memory: 2 },
    [...placing("a", memory(1)), ...placing("b", memory(2))],
    full("0 of 4 processors and 3145728 of 2097152"),
  ],
  [
    "what one that has stopped had",
    { cpus: 2 },
    [
      ...placing("a", cpus(2)),
      change(task("a", { ...cpus(2), state: "FAILED" })),
      ...placing("b", cpus(2)),
    ],
    null,
  ],
  [
    "what one that is to stop still has",
    { cpus: 2 },
    [
      ...placing("a", cpus(2)),
      change(task("a", { ...cpus(2), desired: "SHUTDOWN" })),
      ...placing("b", cpus(2)),
    ],
    full("4 of 2 processors and 0 of 8589934592"),
  ],
  [
    "what one that is forgotten had",
    { cpus: 2 },
    [...placing("a", cpus(2)), { at: 4, gone: ["a"] }, ...placing("b", cpus(2))],
    null,
  ],
  [
    "what the node has no more",
    { cpus: 2 },
    [{ at: 2, to: [node("n1", { cpus: 1 })] }, ...placing("a", cpus(2))],
    full("2 of 1 processors and 0 of 8589934592"),
  ],
  [
    "nothing, of a node that has too little",
    { cpus: 2 },
    [...placing("a", cpus(2)), { at: 4, to: [node("n1", { cpus: 1 })] }, ...placing("b")],
    null,
  ],
  ["one of a kind that it counts", { generic: { gpu: 1 } }, placing("a", gpus(1)), null],
  ["two of a kind of which it has one", { generic: { gpu: 1 } }, placing("a", gpus(2)), short],
  [
    "another of such a kind",
    { generic: { gpu: 1 } },
    [...placing("a", gpus(1)), ...placing("b", gpus(1))],
    short,
  ],
  ["one of a kind that it does not have", {}, placing("a", gpus(1)), short],
  ["one by its name", { generic: { gpu: ["A"] } }, placing("a", gpus(1), ids("A")), null],
  ["one by the name of none", { generic: { gpu: ["A"] } }, placing("a", gpus(1), ids("B")), short],
  [
    "one by its name and one by none",
    { generic: { gpu: ["A"] } },
    placing("a", gpus(2), ids("A", "B")),
    short,
  ],
  ["one without a name", { generic: { gpu: ["A"] } }, placing("a", gpus(1)), short],
])("a task that takes %s", (_what, has, entries, problem) => {
  expect(verdict(capacity, has, ...entries)).toBe(problem);
});

const holds = () => new PlacementHolds();
const which = (problem: string) => `web.1 is given to n1, which ${problem}`;
const windows = { placement: { platforms: [{ os: "windows", architecture: "" }] } };
const volume = {
  kind: "volume",
  source: "v",
  target: "/v",
  readOnly: false,
  driver: "nfs",
} as const;
const mounts: TaskTraits = { mounts: [volume] };
const plugins = ["Volume/local", "Log/json-file"];

test.each<readonly [string, NodeTraits, TaskTraits, string | null]>([
  ["is ready", {}, {}, null],
  ["is down", { state: "down" }, {}, which("is down")],
  ["is unknown", { state: "unknown" }, {}, which("is unknown")],
  ["is drained", { availability: "drain" }, {}, which("is set to drain")],
  ["is paused", { availability: "pause" }, {}, which("is set to pause")],
  [
    "meets a constraint",
    { labels: { disk: "ssd" } },
    { constraints: ["node.labels.disk==ssd"] },
    null,
  ],
  [
    "does not meet one of two",
    {},
    { constraints: ["node.id==n1", "node.role==manager"] },
    which("does not meet node.role==manager"),
  ],
  ["is of another platform", {}, windows, which("is of another platform")],
  ["lacks a plugin", { plugins }, mounts, which("has no plugin Volume/nfs")],
  ["has the plugin", { plugins: [...plugins, "Volume/nfs"] }, mounts, null],
  ["does not say which plugins it has", {}, mounts, null],
  [
    "has no such log driver",
    { plugins },
    { logDriver: "fluentd" },
    which("has no plugin Log/fluentd"),
  ],
])("a task is given to a node that %s", (_what, has, traits, problem) => {
  expect(verdict(holds, has, ...placing("a", traits))).toBe(problem);
});

test("a task that is made for a node waits there for plugins, and for nothing else", () => {
  const made = (has: NodeTraits, traits: TaskTraits) =>
    verdict(holds, has, { at: 2, to: [task("a", { state: "NEW", node: "n1", ...traits })] });
  expect(made({ plugins }, mounts)).toBeNull();
  expect(made({ availability: "pause" }, {})).toBe(which("is set to pause"));
  expect(made({}, { state: "NEW", node: null })).toBeNull();
});

test("a node counts as it is when the task comes, also within one entry", () => {
  const to = [task("a", { state: "ASSIGNED" }), node("n1", { state: "down" })];
  const waiting = { at: 2, to: [task("a", { state: "PENDING" })] };
  expect(verdict(holds, {}, waiting, { at: 3, to })).toBeNull();
  expect(verdict(holds, {}, waiting, { at: 3, to: [...to].reverse() })).toBe(which("is down"));
  expect(verdict(holds, {}, { at: 2, gone: ["n1"] }, ...placing("a"))).toBe(
    which("is not in the cluster"),
  );
  expect(verdict(holds, {}, waiting, { at: 3, to: [...to].reverse(), isForced: true })).toBeNull();
});

const ports = () => new Exclusive("host-port-exclusive", "", hostPortsOf);
const named = () => new Exclusive("named-resource-exclusive", "", namedResourcesOf);
const at = (number: number): TaskTraits => ({ ports: [hostPort(number)] });
const held = "web.2 is given tcp 80 of n1, which web.1 holds";

test.each<readonly [string, () => Checker, readonly Entry[], string | null]>([
  [
    "a port that one there has",
    ports,
    [...placing("a", at(80)), ...placing("b", { ...at(80), slot: 2 })],
    held,
  ],
  ["another port", ports, [...placing("a", at(80)), ...placing("b", at(81))], null],
  [
    "such a port of another node",
    ports,
    [...placing("a", at(80)), ...placing("b", { ...at(80), node: "n2" })],
    null,
  ],
  [
    "such a port of another protocol",
    ports,
    [...placing("a", at(80)), ...placing("b", { ports: [{ ...hostPort(80), protocol: "udp" }] })],
    null,
  ],
  [
    "a port of every node",
    ports,
    [
      ...placing("a", { ports: [{ publishedPort: 80 }] }),
      ...placing("b", { ports: [{ publishedPort: 80 }] }),
    ],
    null,
  ],
  ["any port", ports, [...placing("a", at(0)), ...placing("b", at(0))], null],
  [
    "a port of one that has stopped",
    ports,
    [
      ...placing("a", at(80)),
      change(task("a", { ...at(80), state: "SHUTDOWN" })),
      ...placing("b", at(80)),
    ],
    null,
  ],
  [
    "a port of one that is to stop",
    ports,
    [
      ...placing("a", at(80)),
      change(task("a", { ...at(80), desired: "SHUTDOWN" })),
      ...placing("b", { ...at(80), slot: 2 }),
    ],
    held,
  ],
  [
    "a port of one that is forgotten",
    ports,
    [...placing("a", at(80)), { at: 4, gone: ["a"] }, ...placing("b", at(80))],
    null,
  ],
  [
    "a thing with a name that one there has",
    named,
    [...placing("a", {}, ids("A", "B")), ...placing("b", { slot: 2 }, ids("B"))],
    "web.2 is given gpu=B of n1, which web.1 holds",
  ],
])("a task is given %s", (_what, of, entries, problem) => {
  expect(verdict(of, {}, ...entries)).toBe(problem);
});

const neighbours = (history: History) => new NeighboursHold(history);
const placed = (placement: NonNullable<TaskTraits["placement"]>): TaskTraits => ({ placement });
const limit = placed({ maxReplicas: 1 });
const two = "web.1 is given to n1, which has 1 of at most 1 tasks of the service";
const near = placed({ affinity: ["db"] });
const apart = placed({ antiAffinity: ["db"] });
const db: TaskTraits = { service: "db" };

test.each<readonly [string, readonly Entry[], string | null]>([
  ["as many of its own as it may", [...placing("a", limit)], null],
  ["one too many of its own", [...placing("a", limit), ...placing("b", limit)], two],
  [
    "one of its own that is to stop",
    [
      ...placing("a", limit),
      change(task("a", { ...limit, desired: "SHUTDOWN" })),
      ...placing("b", limit),
    ],
    null,
  ],
  [
    "one of its own elsewhere",
    [...placing("a", limit), ...placing("b", { ...limit, node: "n2" })],
    null,
  ],
  ["one that it wants", [...placing("a", db), ...placing("b", near)], null],
  [
    "one that it does not want",
    [...placing("a", db), ...placing("b", apart)],
    "web.1 is given to n1, next to db.1, which it won't have",
  ],
  [
    "one that it does not want, and that is to stop",
    [
      ...placing("a", db),
      change(task("a", { ...db, desired: "SHUTDOWN" })),
      ...placing("b", apart),
    ],
    "web.1 is given to n1, next to db.1, which it won't have",
  ],
  [
    "one that it does not want, and that has stopped",
    [...placing("a", db), change(task("a", { ...db, state: "SHUTDOWN" })), ...placing("b", apart)],
    null,
  ],
  [
    "one that does not want it",
    [...placing("a", { ...db, placement: { antiAffinity: ["web"] } }), ...placing("b")],
    "web.1 is given to n1, next to db.1, which won't have it",
  ],
  [
    "one that it neither wants nor does not want",
    [...placing("a", { service: "api" }), ...placing("b", apart)],
    null,
  ],
  ["none that it wants", placing("a", near), "web.1 is given to n1, which has no task of db"],
  [
    "one that it wants, and that is to stop",
    [...placing("a", db), change(task("a", { ...db, desired: "SHUTDOWN" })), ...placing("b", near)],
    "web.1 is given to n1, which has no task of db",
  ],
  [
    "one that it wants elsewhere, which stops in the entry",
    [
      ...placing("a", { ...db, node: "n2" }),
      { at: 4, to: [task("b", { ...near, state: "PENDING" })] },
      {
        at: 5,
        to: [
          task("a", { ...db, node: "n2", desired: "SHUTDOWN" }),
          task("b", { ...near, state: "ASSIGNED" }),
        ],
      },
    ],
    "web.1 is given to n1, which has no task of db",
  ],
  [
    "one that it wants, which stops in the entry",
    [
      ...placing("a", db),
      { at: 4, to: [task("b", { ...near, state: "PENDING" })] },
      {
        at: 5,
        to: [task("a", { ...db, desired: "SHUTDOWN" }), task("b", { ...near, state: "ASSIGNED" })],
      },
    ],
    null,
  ],
])("a task is put beside %s", (_what, entries, problem) => {
  expect(verdict(neighbours, {}, ...entries)).toBe(problem);
});
