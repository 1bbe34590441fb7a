import fc from "fast-check";
import { expect, test } from "vitest";
import { seconds } from "../../../core/base/time.ts";
import type { Node } from "../../../core/model/node.ts";
import type { Service } from "../../../core/model/service.ts";
import type { Task } from "../../../core/model/task.ts";
import { isTerminal, TaskState } from "../../../core/model/task-state.ts";
import { tasksOn } from "../../../sim/liveness/wanted.ts";
import { node, service } from "../../support/model.ts";
import { Planning } from "../../support/planning.ts";
import { transact, update } from "../../support/store.ts";
import { nextSpec } from "../../support/updating.ts";

// Goal: whatever happens to a service, it has what its spec says once nothing happens any more.
// Method: random failures, drains, outages, scalings and updates; then calm and two minutes.

type Event =
  | { readonly do: "fail" | "complete" | "lose"; readonly task: number }
  | { readonly do: "scale"; readonly replicas: number }
  | { readonly do: "update" }
  | { readonly do: "down" | "up" | "drain" | "activate"; readonly node: number }
  | { readonly do: "break" | "mend" | "hang" | "obey" };

const event: fc.Arbitrary<Event> = fc.oneof(
  fc.record({ do: fc.constantFrom("fail", "complete", "lose"), task: fc.nat(9) }),
  fc.record({ do: fc.constant("scale" as const), replicas: fc.nat(6) }),
  fc.record({ do: fc.constant("update" as const) }),
  fc.record({ do: fc.constantFrom("down", "up", "drain", "activate"), node: fc.nat(2) }),
  fc.record({ do: fc.constantFrom("break", "mend", "hang", "obey") }),
);

const life = fc.record({
  order: fc.constantFrom("stop-first" as const, "start-first" as const),
  parallelism: fc.nat(3),
  maxDelay: fc.constantFrom(0, 10),
  restartDelay: fc.integer({ min: 1, max: 7 }),
  updateDelay: fc.constantFrom(0, 3),
  events: fc.array(fc.tuple(fc.integer({ min: 1, max: 8 }), event), { maxLength: 25 }),
});

function happen(planning: Planning, what: Event): void {
  switch (what.do) {
    case "fail":
    case "complete": {
      const task = planning.running()[what.task];
      if (task === undefined) return;
      return void planning.report(task, what.do === "fail" ? "FAILED" : "COMPLETE");
    }
    case "lose": {
      const task = planning.running()[what.task];
      return task === undefined ? undefined : lose(planning, task);
    }
    case "scale": {
      const mode = { kind: "replicated", replicas: what.replicas } as const;
      return void planning.change("web", (web) => ({ ...web, spec: { ...web.spec, mode } }));
    }
    case "update":
      return void planning.change("web", nextSpec);
    case "break":
    case "mend":
      planning.starts = () => what.do === "mend";
      return;
    case "hang":
    case "obey":
      planning.stops = () => what.do === "obey";
      return;
    default:
      return changeNode(planning, what.do, `n${what.node}`);
  }
}

/** The container goes with its machine, which is back before it is called down. */
function lose(planning: Planning, task: Task): void {
  const status = { ...task.status, state: TaskState.FAILED, isLost: true } as const;
  planning.commit([transact(update({ ...task, status }))]);
}

/** Lets the events happen, each after its pause and followed by `check`; the last one's second. */
function live(
  planning: Planning,
  events: readonly (readonly [number, Event])[],
  check = (): void => undefined,
): number {
  let second = 0;
  for (const [pause, what] of events) {
    second += pause;
    planning.at(second);
    happen(planning, what);
    planning.settle();
    check();
  }
  return second;
}

function changeNode(
  planning: Planning,
  what: "down" | "up" | "drain" | "activate",
  id: string,
): void {
  const before = planning.store.nodes.get(id) as Node;
  const state = what === "down" ? "down" : what === "up" ? "ready" : before.status.state;
  const availability =
    what === "drain" ? "drain" : what === "activate" ? "active" : before.spec.availability;
  const downSince = state === "down" ? planning.context.now : null;
  const after: Node = {
    ...before,
    status: { ...before.status, state, downSince },
    spec: { ...before.spec, availability },
  };
  planning.commit([transact(update(after))]);
}

function calm(planning: Planning, from: number): void {
  for (const at of [0, 1, 2]) {
    changeNode(planning, "up", `n${at}`);
    changeNode(planning, "activate", `n${at}`);
  }
  planning.starts = () => true;
  planning.stops = () => true;
  for (let second = from; second <= from + 120; second += 1) planning.at(second);
}

test("a service comes to rest with exactly the tasks that it wants", () => {
  fc.assert(
    fc.property(life, ({ order, parallelism, maxDelay, restartDelay, updateDelay, events }) => {
      const planning = new Planning(
        ...["n0", "n1", "n2"].map((id) => node(id)),
        service("web", {
          replicas: 3,
          restart: { delay: seconds(restartDelay), maxDelay: seconds(maxDelay) },
          update: { order, parallelism, delay: seconds(updateDelay), failureAction: "continue" },
        }),
      ).settle();
      const second = live(planning, events, () => noSlotIsDoubled(planning));
      calm(planning, second + 1);
      const { spec, specVersion } = planning.store.services.get("web") as Service;
      const living = planning.tasks().filter((task) => !isTerminal(task.status.state));
      expect(living.every(({ status }) => status.state === TaskState.RUNNING)).toBe(true);
      expect(living.every(({ desiredState }) => desiredState === TaskState.RUNNING)).toBe(true);
      expect(living.every((task) => task.specVersion === specVersion)).toBe(true);
      expect(living).toHaveLength(tasksOn(spec, []));
      expect(new Set(living.map(({ slot }) => slot)).size).toBe(tasksOn(spec, []));
    }),
    { numRuns: 120 },
  );
});

const loss: fc.Arbitrary<Event> = fc.oneof(
  fc.record({ do: fc.constant("lose" as const), task: fc.nat(9) }),
  fc.record({ do: fc.constantFrom("down", "up", "drain", "activate"), node: fc.nat(2) }),
);
const losses = fc.array(fc.tuple(fc.integer({ min: 1, max: 8 }), loss), { maxLength: 40 });

test("a service that may never be restarted outlives any loss of nodes", () => {
  fc.assert(
    fc.property(losses, (events) => {
      const planning = new Planning(
        ...["n0", "n1", "n2"].map((id) => node(id)),
        service("web", { replicas: 3, restart: { condition: "none", delay: seconds(2) } }),
      ).settle();
      calm(planning, live(planning, events) + 1);
      expect(planning.running()).toHaveLength(3);
    }),
    { numRuns: 60 },
  );
});

test("a slot is restarted after its own failures as often as it may be, whatever nodes do", () => {
  const attempts = fc.record({ most: fc.integer({ min: 1, max: 4 }), events: losses });
  fc.assert(
    fc.property(attempts, ({ most, events }) => {
      const restart = { condition: "any", delay: seconds(1), maxAttempts: most } as const;
      const planning = new Planning(
        ...["n0", "n1", "n2"].map((id) => node(id)),
        service("web", { replicas: 1, restart }),
      ).settle();
      let second = 0;
      let failures = 0;
      for (const [pause, what] of events) {
        second += pause;
        planning.at(second);
        happen(planning, what);
        planning.settle();
        calm(planning, second);
        second += 120;
        expect(planning.running()).toHaveLength(failures <= most ? 1 : 0);
        const task = planning.running()[0];
        if (task === undefined) continue;
        planning.report(task, failures % 2 === 0 ? "FAILED" : "COMPLETE").settle();
        failures += 1;
      }
    }),
    { numRuns: 20 },
  );
});

/** A slot has at most one wanted task of each version of the spec, and one that takes over. */
function noSlotIsDoubled(planning: Planning): void {
  const wanted = planning.tasks().filter((task) => task.desiredState <= TaskState.RUNNING);
  const heirs = new Set(wanted.map(({ replaces }) => replaces));
  const places = wanted
    .filter(({ id }) => !heirs.has(id))
    .map(({ slot, specVersion }) => `${slot} of version ${specVersion}`);
  expect([...places].sort()).toEqual([...new Set(places)].sort());
}
