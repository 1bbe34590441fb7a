import { expect, test } from "vitest";
import type { StoreObject } from "../../../core/model/change.ts";
import type { Task } from "../../../core/model/task.ts";
import type { TaskState } from "../../../core/model/task-state.ts";
import { SpreadHolds } from "../../../sim/checkers/spread-holds.ts";
import { node, service, settings, type TaskTraits, task } from "../../support/model.ts";
import { type Entry, objection } from "./entries.ts";

// Goal: a task on another node than the best is seen, and what is left out is no more than said.

const web = service("web", { replicas: 3 });
const nodes = [node("n1"), node("n2")];
const pending: TaskTraits = { state: "PENDING" };

/** Two tasks wait beside what there is; the entries give them nodes, or do something before. */
function verdict(before: readonly StoreObject[], traits: TaskTraits, ...entries: Entry[]) {
  const waiting = ["a", "b"].map((id) => task(id, { ...pending, ...traits }));
  return objection((history) => new SpreadHolds(history), [...before, ...waiting], ...entries);
}

function placed(traits: TaskTraits, ...where: readonly string[]): Entry {
  const to = where.map((on, at) =>
    task(["a", "b"][at] as string, { ...traits, state: "ASSIGNED", node: on }),
  );
  return { at: 10, by: "scheduler", to };
}

function failed(id: string, at: number, traits: TaskTraits & { state?: keyof typeof TaskState }) {
  return [
    { at, to: [task(id, { node: "n2", ...traits, state: "ASSIGNED" })] },
    { at, by: "agent" as const, to: [task(id, { node: "n2", state: "FAILED", ...traits })] },
  ];
}

const failures = (count: number, at: number, traits: TaskTraits = {}) =>
  Array.from({ length: count }, (_, number) => failed(`f${number}`, at, traits)).flat();

/** Ended as its node did. */
function lost({ to = [], ...entry }: Entry): Entry {
  return {
    ...entry,
    to: to.map((each) => ({ ...each, status: { ...(each as Task).status, isLost: true } }) as Task),
  };
}

/** The same entry makes another task. */
function moving({ to = [], ...entry }: Entry, isMove: boolean): Entry {
  const made = task("m", { service: "other", state: "NEW", isMove });
  return { ...entry, to: [made, ...to] };
}

const onFirst = "web.1 is given to n1, though n2 comes first";
const zones = (...names: readonly string[]) =>
  names.map((zone, at) => node(`n${at + 1}`, { labels: { zone, rack: `r${at % 2}` } }));
const overZones = { placement: { preferences: ["node.labels.zone"] } };

test.each<readonly [string, readonly StoreObject[], TaskTraits, readonly Entry[], string | null]>([
  ["the emptier node", [...nodes, web, task("t1")], {}, [placed({}, "n2")], null],
  ["the fuller node", [...nodes, web, task("t1")], {}, [placed({}, "n1")], onFirst],
  [
    "a node with as many of its own, and more of others",
    [...nodes, web, task("o", { service: "other" })],
    {},
    [placed({}, "n1")],
    onFirst,
  ],
  [
    "a node with more of others and fewer of its own",
    [
      ...nodes,
      web,
      task("t1", { node: "n2" }),
      task("o", { service: "other" }),
      task("p", { service: "other" }),
    ],
    {},
    [placed({}, "n1")],
    null,
  ],
  ["the same node twice in one entry", [...nodes, web], {}, [placed({}, "n1", "n1")], onFirst],
  ["both nodes in one entry", [...nodes, web], {}, [placed({}, "n1", "n2")], null],
  [
    "a node whose task is to stop",
    [...nodes, web, task("t1", { desired: "SHUTDOWN" })],
    {},
    [placed({}, "n1")],
    null,
  ],
  [
    "the fuller node, as the other is drained",
    [node("n1"), node("n2", { availability: "drain" }), web, task("t1")],
    {},
    [placed({}, "n1")],
    null,
  ],
  [
    "the fuller node, as the other has no room",
    [node("n1"), node("n2", { cpus: 1 }), web, task("t1")],
    { reservations: { nanoCpus: 2e9, memoryBytes: 0 } },
    [placed({ reservations: { nanoCpus: 2e9, memoryBytes: 0 } }, "n1")],
    null,
  ],
  [
    "the fuller node, where the cluster packs",
    [settings({ strategy: "binpack" }), ...nodes, web, task("t1")],
    {},
    [placed({}, "n1")],
    null,
  ],
  [
    "the fuller node, where the cluster packs and the task does not",
    [settings({ strategy: "binpack" }), ...nodes, web, task("t1")],
    { placement: { strategy: "spread" } },
    [placed({ placement: { strategy: "spread" } }, "n1")],
    onFirst,
  ],
  [
    "the fuller node, where room may be cleared",
    [settings({ preemption: true }), ...nodes, web, task("t1")],
    {},
    [placed({}, "n1")],
    null,
  ],
  [
    "the node that it was created for",
    [...nodes, web, task("t1")],
    { node: "n1" },
    [placed({}, "n1")],
    null,
  ],
  [
    "the fuller node, as it failed on the other",
    [...nodes, web, task("t1")],
    {},
    [...failures(5, 5), placed({}, "n1")],
    null,
  ],
  [
    "the fuller node, as the other rejected it",
    [...nodes, web, task("t1")],
    {},
    [...failures(5, 5, { state: "REJECTED" }), placed({}, "n1")],
    null,
  ],
  [
    "the fuller node, as it was lost with the other",
    [...nodes, web, task("t1")],
    {},
    [...failures(5, 5).map(lost), placed({}, "n1")],
    onFirst,
  ],
  ...[{ maxReplicas: 2 }, { affinity: ["db"] }, { antiAffinity: ["db"] }].map(
    (placement) =>
      [
        `the fuller node, with ${Object.keys(placement)}`,
        [...nodes, web, task("t1"), task("d", { service: "db" })],
        { placement },
        [placed({ placement }, "n1")],
        null,
      ] as const,
  ),
  [
    "the fuller node, where another is moved",
    [...nodes, web, task("t1")],
    {},
    [moving(placed({}, "n1"), true)],
    null,
  ],
  [
    "the fuller node, where another is made",
    [...nodes, web, task("t1")],
    {},
    [moving(placed({}, "n1"), false)],
    onFirst,
  ],
  [
    "the fuller node, as it failed on the other four times",
    [...nodes, web, task("t1")],
    {},
    [...failures(4, 5), placed({}, "n1")],
    onFirst,
  ],
  [
    "the fuller node, as it failed on the other long ago",
    [...nodes, web, task("t1")],
    {},
    [...failures(5, 5), { at: 305 }, { ...placed({}, "n1"), at: 306 }],
    onFirst,
  ],
  [
    "the fuller node, as another version failed on the other",
    [...nodes, web, task("t1")],
    {},
    [...failures(5, 5, { specVersion: 2 }), placed({}, "n1")],
    onFirst,
  ],
  [
    "the node on which it failed",
    [...nodes, web, task("t1", { node: "n1" })],
    {},
    [...failures(5, 5), placed({}, "n2")],
    "web.1 is given to n2, though n1 comes first",
  ],
  [
    "the fuller zone",
    [...zones("a", "a", "b"), web, task("t1")],
    overZones,
    [placed(overZones, "n2")],
    "web.1 is given to n2, though n3 comes first",
  ],
  [
    "the fuller node of the emptier zone",
    [...zones("a", "a", "b"), web, task("t1"), task("t2"), task("t3", { node: "n3" })],
    overZones,
    [placed(overZones, "n3")],
    null,
  ],
  [
    "the fuller zone, as nothing in the other takes it",
    [
      ...zones("a", "a").concat(node("n3", { state: "down", labels: { zone: "b" } })),
      web,
      task("t1"),
    ],
    overZones,
    [placed(overZones, "n2")],
    null,
  ],
  [
    "the fuller rack of a zone",
    [
      ...zones("a", "a", "a"),
      web,
      task("t1"),
      task("t2", { node: "n3" }),
      task("t3", { node: "n3" }),
    ],
    { placement: { preferences: ["node.labels.zone", "node.labels.rack"] } },
    [placed({ placement: { preferences: ["node.labels.zone", "node.labels.rack"] } }, "n1")],
    "web.1 is given to n1, though n2 comes first",
  ],
])("a task on %s", (_what, before, traits, entries, problem) => {
  expect(verdict(before, traits, ...entries)).toBe(problem);
});
