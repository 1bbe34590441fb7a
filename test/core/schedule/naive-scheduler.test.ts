import fc from "fast-check";
import { expect, test } from "vitest";
import { meetsConstraints } from "../../../core/model/constraint.ts";
import type { Node } from "../../../core/model/node.ts";
import type { Task } from "../../../core/model/task.ts";
import { TaskState } from "../../../core/model/task-state.ts";
import { schedule } from "../../../core/schedule/scheduler.ts";
import { node, resources, type StateName, task } from "../../support/model.ts";
import { commit, context, storeOf } from "../../support/store.ts";

// Goal: the scheduler places as one that looks at every task and node anew for each placement.

const states: StateName[] = ["PENDING", "ASSIGNED", "RUNNING", "SHUTDOWN", "FAILED"];
const reservation = fc.record({ cpus: fc.nat(4), memory: fc.nat(4) });

const nodes = fc.array(
  fc.record({
    state: fc.constantFrom("ready" as const, "ready" as const, "ready" as const, "down" as const),
    availability: fc.constantFrom("active" as const, "active" as const, "pause" as const),
    cpus: fc.integer({ min: 1, max: 6 }),
    memory: fc.integer({ min: 1, max: 6 }),
    zone: fc.constantFrom("a", "b"),
  }),
  { maxLength: 5 },
);

const tasks = fc.array(
  fc.record({
    service: fc.constantFrom("web", "api"),
    state: fc.constantFrom(...states),
    desired: fc.constantFrom<StateName>("READY", "RUNNING", "RUNNING", "SHUTDOWN"),
    on: fc.nat(4),
    wants: reservation,
    zone: fc.constantFrom(null, "a", "b"),
  }),
  { maxLength: 14 },
);

test("schedule() agrees with a scheduler that recomputes everything for each task", () => {
  fc.assert(
    fc.property(nodes, tasks, (nodeDrafts, taskDrafts) => {
      const made = nodeDrafts.map((draft, at) =>
        node(`n${at}`, { ...draft, labels: { zone: draft.zone } }),
      );
      const all = taskDrafts.map((draft, at) =>
        task(`t${String(at).padStart(2, "0")}`, {
          service: draft.service,
          state: draft.state,
          desired: draft.desired,
          node: draft.state === "PENDING" ? null : `n${draft.on}`,
          reservations: resources(draft.wants.cpus, draft.wants.memory),
          constraints: draft.zone === null ? [] : [`node.labels.zone==${draft.zone}`],
        }),
      );
      const store = storeOf(...made, ...all);
      const ids = all.map(({ id }) => id);
      const { transactions } = commit(store, schedule(context(store), ids));
      expect(transactions.every(({ outcome }) => outcome.kind === "done")).toBe(true);
      const places = ids.map((id) => store.tasks.get(id)?.nodeId ?? null);
      expect(places).toEqual(naivePlaces(made, all));
    }),
    { numRuns: 400 },
  );
});

function naivePlaces(nodes: readonly Node[], tasks: readonly Task[]): (string | null)[] {
  const now = tasks.map((each) => ({ task: each, nodeId: each.nodeId, state: each.status.state }));
  for (const each of now) {
    const isWaiting = each.state === TaskState.PENDING;
    if (!isWaiting || each.task.desiredState > TaskState.RUNNING) continue;
    const fit = nodes.filter((one) => fitsOn(one, each.task, now));
    const rank = (one: Node) => {
      const active = now.filter(
        (other) =>
          other.nodeId === one.id &&
          other.state <= TaskState.RUNNING &&
          other.task.desiredState <= TaskState.COMPLETE,
      );
      const own = active.filter((other) => other.task.serviceId === each.task.serviceId);
      return [own.length, active.length, Number(one.id.slice(1))];
    };
    fit.sort((left, right) => compareLists(rank(left), rank(right)));
    const best = fit[0];
    if (best === undefined) continue;
    each.nodeId = best.id;
    each.state = TaskState.ASSIGNED;
  }
  return now.map(({ nodeId }) => nodeId);
}

interface Placed {
  readonly task: Task;
  readonly nodeId: string | null;
  readonly state: TaskState;
}

function fitsOn(one: Node, task: Task, now: readonly Placed[]): boolean {
  if (one.status.state !== "ready" || one.spec.availability !== "active") return false;
  if (!meetsConstraints(one, task.spec.placement.constraints)) return false;
  const held = now.filter((each) => each.nodeId === one.id && each.state <= TaskState.RUNNING);
  const wanted = task.spec.reservations;
  if (wanted.nanoCpus === 0 && wanted.memoryBytes === 0) return true;
  const used = (of: "nanoCpus" | "memoryBytes") =>
    held.reduce((sum, each) => sum + each.task.spec.reservations[of], 0);
  const { resources: total } = one.description;
  return (
    wanted.nanoCpus + used("nanoCpus") <= total.nanoCpus &&
    wanted.memoryBytes + used("memoryBytes") <= total.memoryBytes
  );
}

function compareLists(left: readonly number[], right: readonly number[]): number {
  for (const [at, value] of left.entries()) {
    if (value !== right[at]) return value - (right[at] as number);
  }
  return 0;
}
