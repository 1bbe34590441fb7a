import { expect, test } from "vitest";
import type { Task } from "../../../core/model/task.ts";
import type { UpdateState } from "../../../core/model/update-config.ts";
import { unsettledService } from "../../../sim/liveness/settled-service.ts";
import { moment, node, service, type TaskTraits, task, volume } from "../../support/model.ts";
import { storeOf } from "../../support/store.ts";

/** Two tasks are wanted; one runs on `n1`, and slot 2 has these. */
function problem(state: UpdateState, ...second: TaskTraits[]): string | null {
  const status = { state, startedAt: moment(0), completedAt: null, message: "", slots: 2 };
  const web = { ...service("web", { replicas: 2 }), updateStatus: status };
  const tasks = second.map((traits, at) => task(`t${at}`, { slot: 2, ...traits }));
  const view = storeOf(web, node("n1"), node("n2"), task("t"), ...tasks);
  return unsettledService(view, web, new Set(["n1", "n2"]));
}

const card: TaskTraits = { state: "PENDING", isUpdate: true, generic: { gpu: 1 } };

test("a paused update may leave a slot to a task that asks for more than any machine has", () => {
  expect(problem("paused", card)).toBeNull();
  expect(problem("rollback_paused", { state: "PENDING", reservations: huge })).toBeNull();
  expect(problem("completed", card)).toBe("web has 1 of 2 tasks running");
  expect(problem("paused", { ...card, generic: {} })).toBe("web has 1 of 2 tasks running");
});

test("beside such a task another one of its slot is to run", () => {
  expect(problem("paused", card, { node: "n2" })).toBeNull();
  expect(problem("paused", card, { node: "n2", state: "READY" })).toBe(
    "web has 1 of 2 tasks running",
  );
});

test("a task has to wait where every machine has the wrong company for it, and only there", () => {
  const cache = service("cache", { placement: { affinity: ["web"], antiAffinity: ["batch"] } });
  const others = [service("web"), service("batch")];
  const waits = task("c", {
    service: "cache",
    state: "PENDING",
    placement: cache.spec.task.placement,
  });
  const near = [task("w", { node: "n1" }), task("b", { service: "batch", node: "n1" })];
  const look = (...more: Task[]) => {
    const view = storeOf(cache, ...others, node("n1"), node("n2"), waits, ...near, ...more);
    return unsettledService(view, cache, new Set(["n1", "n2"]));
  };
  expect(look()).toBeNull();
  expect(look(task("w2", { node: "n2" }))).toBe("cache has 0 of 1 tasks running");
});

test("a job is stuck when all that it may run at a time have to wait", () => {
  const look = (maxConcurrent: number) => {
    const mode = { kind: "replicated-job", maxConcurrent, totalCompletions: 3 } as const;
    const sums = service("sums", { mode, placement: { affinity: ["web"] } });
    const traits = {
      service: "sums",
      state: "PENDING",
      desired: "COMPLETE",
      job: 0,
    } as const;
    const waits = task("s", { ...traits, placement: sums.spec.task.placement });
    const view = storeOf(
      { ...sums, job: { iteration: 0, lastExecution: moment(0) } },
      node("n1"),
      waits,
    );
    return unsettledService(view, [...view.services.values()][0] as typeof sums, new Set(["n1"]));
  };
  expect(look(1)).toBeNull();
  expect(look(2)).toBe("sums has 1 of 3 tasks completed");
});

test("where the company is right there may be too many of its own", () => {
  const placement = { antiAffinity: ["batch"], maxReplicas: 1 };
  const web = service("web", { replicas: 2, placement });
  const waits = task("w2", { slot: 2, state: "PENDING", placement: web.spec.task.placement });
  const look = (...others: Task[]) => {
    const nodes = [node("n1"), node("n2")];
    const view = storeOf(web, service("batch"), ...nodes, waits, ...others);
    return unsettledService(view, web, new Set(["n1", "n2"]));
  };
  const [own, batch] = [task("w1", { node: "n1" }), task("b", { service: "batch", node: "n2" })];
  expect(look(own, batch)).toBeNull();
  expect(look(own)).toBe("web has 1 of 2 tasks running");
});

test("what is global is asked for only where its volume is, and where its company is right", () => {
  const mounts = [{ kind: "cluster", source: "data", target: "/data", readOnly: false }] as const;
  const placement = { antiAffinity: ["batch"] };
  const agent = service("agent", { mode: { kind: "global" }, mounts, placement });
  const on = (id: string, traits: TaskTraits = {}) =>
    task(id, { service: "agent", slot: 0, node: id, mounts, ...traits });
  const pending: TaskTraits = { state: "PENDING", placement: agent.spec.task.placement };
  const look = (where: string | null, ...tasks: Task[]) => {
    const data = volume("data", where);
    const view = storeOf(agent, service("batch"), data, node("n1"), node("n2"), ...tasks);
    return unsettledService(view, agent, new Set(["n1", "n2"]));
  };
  expect(look("n1", on("n1"), on("n2", pending))).toBeNull();
  expect(look(null, on("n1"), on("n2", pending))).toBe("agent has not one task running on n2");
  const batch = task("b", { service: "batch", node: "n1" });
  expect(look("n1", on("n1", pending), on("n2", pending), batch)).toBeNull();
});

const huge = { nanoCpus: 5e9, memoryBytes: 0 };
