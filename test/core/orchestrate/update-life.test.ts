import fc from "fast-check";
import { expect, test } from "vitest";
import { isEqual } from "../../../core/base/equal.ts";
import { type Duration, seconds } from "../../../core/base/time.ts";
import type { Command } from "../../../core/control/command.ts";
import { decide } from "../../../core/control/control.ts";
import { isRejection } from "../../../core/model/rejection.ts";
import type { Service, ServiceSpec } from "../../../core/model/service.ts";
import { TaskState } from "../../../core/model/task-state.ts";
import { isUpdating, type UpdateConfig } from "../../../core/model/update-config.ts";
import type { Volume } from "../../../core/model/volume.ts";
import { isDirty } from "../../../core/orchestrate/dirty.ts";
import { reconcile } from "../../../core/orchestrate/orchestrate.ts";
import { CleanTaskKept, UpdateOrder } from "../../../sim/checkers/update-order.ts";
import { UpdateParallelism, UpdateSpacing } from "../../../sim/checkers/update-pace.ts";
import { UpdateHeedsFailures, UpdateStatusMachine } from "../../../sim/checkers/update-status.ts";
import type { Commit, History } from "../../../sim/world/history.ts";
import type { PartialObserver } from "../../../sim/world/observer.ts";
import { node, service, volume } from "../../support/model.ts";
import { Planning, wakeOf } from "../../support/planning.ts";
import { raftView } from "../../support/raft.ts";
import { chance, context, storeOf } from "../../support/store.ts";

// Goal: whatever happens during updates, they keep to their rules and no leader remembers anything.
// Method: random lives of one service under the simulator's own checkers. After each event a
// leader that has nothing but a copy of the store must plan the same; and at no second is anything
// planned that was not announced.

type Event =
  | { readonly do: "deploy"; readonly tag: number; readonly config: Partial<UpdateConfig> }
  | { readonly do: "scale"; readonly replicas: number }
  | { readonly do: "rollback" | "force" | "again" }
  | { readonly do: "fail" | "complete" | "orphan"; readonly task: number }
  | { readonly do: "down" | "up"; readonly node: number }
  | { readonly do: "hang" | "obey" }
  | { readonly do: "volume"; readonly availability: Volume["spec"]["availability"] };

const data = { kind: "cluster", source: "data", target: "/data", readOnly: false } as const;

const span = (most: number): fc.Arbitrary<Duration> =>
  fc.integer({ min: 0, max: most }).map((count) => seconds(count));

const config: fc.Arbitrary<Partial<UpdateConfig>> = fc.record({
  parallelism: fc.nat(3),
  delay: span(5),
  monitor: span(5),
  failureAction: fc.constantFrom("pause", "continue", "rollback"),
  maxFailureRatioPpm: fc.constantFrom(0, 250_000, 500_000),
  order: fc.constantFrom("stop-first", "start-first"),
  progressDeadline: fc.constantFrom(seconds(0), seconds(15)),
});

const event: fc.Arbitrary<Event> = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.record({ do: fc.constant("deploy" as const), tag: fc.nat(5), config }),
  },
  fc.record({ do: fc.constant("scale" as const), replicas: fc.nat(6) }),
  fc.record({ do: fc.constantFrom("rollback", "force", "again") }),
  fc.record({ do: fc.constantFrom("fail", "complete", "orphan"), task: fc.nat(9) }),
  fc.record({ do: fc.constantFrom("down", "up"), node: fc.nat(2) }),
  fc.record({ do: fc.constantFrom("hang", "obey") }),
  fc.record({
    do: fc.constant("volume" as const),
    availability: fc.constantFrom("drain", "active"),
  }),
);

const life = fc.record({
  first: config,
  rollback: config,
  restartDelay: fc.integer({ min: 1, max: 6 }),
  mounts: fc.constantFrom([], [data]),
  events: fc.array(fc.tuple(fc.integer({ min: 0, max: 9 }), event), { maxLength: 20 }),
});

/** Images with an odd tag fail: 3 at its start, the others while they run. */
const badTags = ["web:1", "web:3"];

function command(planning: Planning, wanted: Command): void {
  const context = { ...planning.context, ...chance() };
  const request = { client: "cli", sequence: 0 };
  const decided = decide(context, raftView(), { command: wanted, request });
  if (!isRejection(decided)) planning.commit([{ ...decided, request: null }]);
}

function change(planning: Planning, next: (spec: ServiceSpec) => ServiceSpec): void {
  const { id, meta, spec } = planning.store.services.get("web") as Service;
  command(planning, { kind: "update-service", id, version: meta.version, spec: next(spec) });
}

function withImage(spec: ServiceSpec, image: string): ServiceSpec {
  const container = { ...spec.task.container, image };
  return { ...spec, task: { ...spec.task, container } };
}

function happen(planning: Planning, what: Event): void {
  switch (what.do) {
    case "deploy":
      return change(planning, (spec) => ({
        ...withImage(spec, `web:${what.tag}`),
        update: { ...spec.update, ...what.config },
      }));
    case "scale": {
      const mode = { kind: "replicated", replicas: what.replicas } as const;
      return change(planning, (spec) => ({ ...spec, mode }));
    }
    case "force":
      return change(planning, ({ task, ...spec }) => ({
        ...spec,
        task: { ...task, forceUpdate: task.forceUpdate + 1 },
      }));
    case "again":
      return change(planning, (spec) => spec);
    case "rollback": {
      const { id, meta } = planning.store.services.get("web") as Service;
      return command(planning, { kind: "rollback-service", id, version: meta.version });
    }
    case "hang":
    case "obey":
      planning.stops = () => what.do === "obey";
      return;
    case "down":
    case "up":
      return planning.setNode(`n${what.node}`, what.do === "up" ? "ready" : "down");
    case "volume":
      return setVolume(planning, what.availability);
    default:
      return end(planning, what.do, what.task);
  }
}

function setVolume(planning: Planning, availability: Volume["spec"]["availability"]): void {
  const { id, meta, spec } = planning.store.volumes.get("data") as Volume;
  const changed = { ...spec, availability };
  command(planning, { kind: "update-volume", id, version: meta.version, spec: changed });
}

function end(planning: Planning, how: "fail" | "complete" | "orphan", which: number): void {
  const task = planning.running()[which];
  const states = { fail: "FAILED", complete: "COMPLETE", orphan: "ORPHANED" } as const;
  if (task !== undefined) planning.report(task, states[how]);
}

/** The simulator's checkers, looking on. */
function watch(planning: Planning): void {
  const history = { view: planning.store } as unknown as History;
  const checkers = [
    new UpdateStatusMachine(),
    new UpdateParallelism({ history, buggify: { isActive: () => false } }),
    new UpdateSpacing(history),
    new UpdateOrder(history),
    new UpdateHeedsFailures(history),
    new CleanTaskKept(history),
  ];
  planning.watch = (entry, applied) => {
    const { events } = applied;
    const host = { name: "m1" };
    const of = (kind: string) => events.filter((event) => event.kind === kind);
    const byKind = { tasks: of("task"), nodes: of("node"), services: of("service") };
    const commit = { index: planning.store.index, entry, applied, events, host, ...byKind };
    for (const checker of checkers as PartialObserver[]) {
      checker.committed?.(commit as unknown as Commit);
    }
  };
}

/** Seconds pass; nothing is planned in them that was not announced. */
function pass(planning: Planning, count: number): void {
  for (let at = 0; at < count; at += 1) {
    const wakeAt = wakeOf(planning.context, "web");
    planning.tick();
    const { transactions } =
      at === 0 ? sameFromACopy(planning) : reconcile(planning.context, "web");
    if (transactions.length > 0) {
      expect(wakeAt).not.toBeNull();
      expect(wakeAt).toBeLessThanOrEqual(planning.context.now);
    }
    planning.settle();
  }
}

function sameFromACopy(planning: Planning): ReturnType<typeof reconcile> {
  const { store, second } = planning;
  const here = reconcile(context(store, second), "web");
  const there = reconcile(context(storeOf(...store.snapshot().objects), second), "web");
  expect(isEqual(there, here)).toBe(true);
  return here;
}

function calm(planning: Planning): void {
  for (const id of ["n0", "n1", "n2"]) planning.setNode(id, "ready");
  setVolume(planning, "active");
  planning.starts = () => true;
  planning.stops = () => true;
  const quick = { parallelism: 1, delay: seconds(1), monitor: seconds(2) };
  change(planning, (spec) => ({
    ...withImage(spec, "web:9"),
    update: { ...spec.update, ...quick, failureAction: "continue" },
  }));
  planning.settle();
  pass(planning, 60);
}

test("updates keep to their rules through any life, and the last one arrives", () => {
  fc.assert(
    fc.property(life, ({ first, rollback, restartDelay, mounts, events }) => {
      const restart = { delay: seconds(restartDelay) };
      const task = { image: "web:0", restart, mounts };
      const web = service("web", { ...task, replicas: 4, update: first, rollback });
      const nodes = ["n0", "n1", "n2"].map((id) => node(id));
      const planning = new Planning(...nodes, volume("data"), web);
      planning.starts = ({ spec }) => !badTags.includes(spec.container.image);
      watch(planning);
      planning.settle();
      for (const [pause, what] of events) {
        pass(planning, pause);
        happen(planning, what);
        planning.settle();
      }
      calm(planning);
      const last = planning.store.services.get("web") as Service;
      expect(isUpdating(last.updateStatus)).toBe(false);
      const wanted = planning.tasks().filter((t) => t.desiredState <= TaskState.RUNNING);
      expect(wanted.every(({ status }) => status.state === TaskState.RUNNING)).toBe(true);
      expect(wanted.every((task) => !isDirty(planning.store, last, task))).toBe(true);
      expect(wanted.every(({ spec }) => spec.container.image === "web:9")).toBe(true);
      const { mode } = last.spec;
      expect(wanted).toHaveLength(mode.kind === "replicated" ? mode.replicas : -1);
    }),
    { numRuns: 60 },
  );
});
