import { describe, expect, test } from "vitest";
import { seconds } from "../../../core/base/time.ts";
import { answer } from "../../../core/control/answer.ts";
import type { Command } from "../../../core/control/command.ts";
import { decide } from "../../../core/control/control.ts";
import { defaultClusterSpec } from "../../../core/model/cluster.ts";
import type { Node } from "../../../core/model/node.ts";
import { isRejection } from "../../../core/model/rejection.ts";
import type { Service, ServiceSpec } from "../../../core/model/service.ts";
import { TaskState } from "../../../core/model/task-state.ts";
import type { Store } from "../../../core/store/store.ts";
import { moment, node, service, settings, spec, task } from "../../support/model.ts";
import { askedManager, raftView } from "../../support/raft.ts";
import { commit, context, storeOf } from "../../support/store.ts";

// Goal: a command becomes changes, or is refused in SwarmKit's words before anything is proposed.

const request = { client: "cli", sequence: 1 };

function refusal(store: Store, command: Command): string {
  const decided = decide(context(store, 5), raftView(), { command, request });
  return isRejection(decided) ? `${decided.code}: ${decided.message}` : "taken";
}

function carryOut(store: Store, command: Command): string {
  const decided = decide(context(store, 5), raftView(), { command, request });
  if (isRejection(decided)) throw new Error(decided.message);
  expect(decided.actor).toBe("control");
  expect(decided.request).toEqual(request);
  const { transactions } = commit(store, [decided]);
  expect(transactions[0]?.outcome).toEqual({ kind: "done", result: decided.result });
  return decided.result;
}

function updated(current: Service, change: Partial<ServiceSpec>, version?: number): Command {
  const changed = { ...current.spec, ...change };
  const { id, meta } = current;
  return { kind: "update-service", id, version: version ?? meta.version, spec: changed };
}

describe("create-service", () => {
  test("creates the service under a new id, which is the command's result", () => {
    const store = storeOf();
    const id = carryOut(store, { kind: "create-service", spec: spec("web", { replicas: 3 }) });
    expect(id).toMatch(/^[0-9a-z]{25}$/);
    expect(store.services.get(id)).toMatchObject({ spec: { name: "web" }, specVersion: 1 });
  });

  test("refuses a name that is taken", () => {
    expect(refusal(storeOf(service("web")), { kind: "create-service", spec: spec("web") })).toBe(
      "AlreadyExists: service web already exists",
    );
  });

  test("refuses a spec that is not valid", () => {
    expect(refusal(storeOf(), { kind: "create-service", spec: spec("") })).toBe(
      "InvalidArgument: meta: name must be provided",
    );
  });
});

describe("update-cluster", () => {
  const spec = { ...defaultClusterSpec, engineTimeout: seconds(45) };
  const command: Command = { kind: "update-cluster", version: 1, spec };

  test("refuses what the oldest node could not read", () => {
    expect(refusal(storeOf({ ...settings(), level: 2 }), command)).toMatch(
      /^FailedPrecondition: a node of the cluster is too old for what is asked: upgrade or /,
    );
    expect(refusal(storeOf({ ...settings(), level: 3 }), command)).toBe("taken");
    expect(
      refusal(storeOf({ ...settings(), level: 2 }), { ...command, spec: defaultClusterSpec }),
    ).toBe("taken");
  });
});

describe("update-service", () => {
  test("keeps the spec's version when only the count of replicas or the update changes", () => {
    const web = service("web");
    const store = storeOf(web);
    const mode = { kind: "replicated", replicas: 9 } as const;
    carryOut(store, updated(web, { mode, update: { ...web.spec.update, parallelism: 2 } }));
    expect(store.services.get("web")).toMatchObject({ spec: { mode }, specVersion: 1 });
  });

  test("counts the spec's version up when the tasks change, by whatever field", () => {
    const { task: before } = service("web").spec;
    for (const changed of [
      { ...before, container: { ...before.container, image: "web:2" } },
      { ...before, container: { ...before.container, env: ["A=1"] } },
      { ...before, forceUpdate: 1 },
      { ...before, constraints: ["node.role==worker"] },
      { ...before, reservations: { nanoCpus: 1e9, memoryBytes: 0 } },
    ]) {
      const web = service("web");
      const store = storeOf(web);
      carryOut(store, updated(web, { task: changed }));
      expect(store.services.get("web")?.specVersion).toBe(2);
    }
  });

  test("runs a job again, whatever it changes", () => {
    const store = storeOf();
    const mode = { kind: "replicated-job", totalCompletions: 3, maxConcurrent: 1 } as const;
    const id = carryOut(store, { kind: "create-service", spec: spec("web", { mode }) });
    const job = () => store.services.get(id) as Service;
    expect(job().job).toEqual({ iteration: 0, lastExecution: moment(5) });
    for (const [at, change] of [{}, { mode: { ...mode, maxConcurrent: 2 } }].entries()) {
      const asked = {
        command: updated(job(), change),
        request: { client: "cli", sequence: 2 + at },
      };
      const decided = decide(context(store, 9), raftView(), asked);
      if (!isRejection(decided)) commit(store, [decided]);
    }
    expect(job()).toMatchObject({
      job: { iteration: 2, lastExecution: moment(9) },
      specVersion: 1,
    });
  });

  test("is refused when someone else was faster", () => {
    const web = service("web", { version: 7 });
    const store = storeOf(web);
    expect(refusal(store, updated(web, {}, 6))).toBe("FailedPrecondition: update out of sequence");
    expect(refusal(store, updated(web, {}, 8))).toBe("FailedPrecondition: update out of sequence");
    expect(refusal(store, updated(web, {}, 7))).toBe("taken");
  });

  test("is refused for a service that is not there, and for another name", () => {
    const web = service("web");
    expect(refusal(storeOf(), updated(web, {}))).toBe("NotFound: service web not found");
    expect(refusal(storeOf(web), updated(web, { name: "api" }))).toBe(
      "Unimplemented: renaming services is not supported",
    );
  });

  test("is refused for another mode", () => {
    const web = service("web");
    const mode = { kind: "global", replicas: 1 } as unknown as ServiceSpec["mode"];
    expect(refusal(storeOf(web), updated(web, { mode }))).toBe(
      "Unimplemented: service mode change is not allowed",
    );
  });

  test("is refused for a spec that is not valid, also when it is out of date", () => {
    const web = service("web");
    const mode = { kind: "replicated", replicas: -1 } as const;
    expect(refusal(storeOf(web), updated(web, { mode }, 99))).toBe(
      "InvalidArgument: Number of replicas must be non-negative",
    );
  });
});

describe("remove-service", () => {
  test("removes the service whatever its version, and leaves its tasks to the orchestrator", () => {
    const store = storeOf(service("web", { version: 9 }), task("t1"));
    expect(carryOut(store, { kind: "remove-service", id: "web" })).toBe("web");
    expect(store.services.size).toBe(0);
    expect(store.tasks.size).toBe(1);
  });

  test("is refused for a service that is not there", () => {
    expect(refusal(storeOf(), { kind: "remove-service", id: "web" })).toBe(
      "NotFound: service web not found",
    );
  });
});

describe("remove-task", () => {
  test("has it stop, whatever it does, and leaves the rest to those who look after it", () => {
    const store = storeOf(service("web"), task("t1"));
    expect(carryOut(store, { kind: "remove-task", id: "t1" })).toBe("t1");
    expect(store.tasks.get("t1")?.desiredState).toBe(TaskState.REMOVE);
    const { version } = store.tasks.get("t1")?.meta ?? {};
    expect(carryOut(store, { kind: "remove-task", id: "t1" })).toBe("t1");
    expect(store.tasks.get("t1")?.meta.version).toBe(version);
  });

  test("is refused for a task that is not there", () => {
    expect(refusal(storeOf(), { kind: "remove-task", id: "t1" })).toBe(
      "NotFound: task t1 not found",
    );
  });
});

describe("update-node", () => {
  const drain = (current: Node, version = current.meta.version): Command => ({
    kind: "update-node",
    id: current.id,
    version,
    spec: { ...current.spec, availability: "drain", labels: new Map([["zone", "a"]]) },
  });

  test("changes what the user wants of the node and nothing that it says of itself", () => {
    const before = node("n1", { engineLabels: { disk: "ssd" } });
    const store = storeOf(before);
    expect(carryOut(store, drain(before))).toBe("n1");
    const after = store.nodes.get("n1");
    expect(after?.spec).toMatchObject({ availability: "drain", labels: new Map([["zone", "a"]]) });
    expect(after?.description).toEqual(before.description);
    expect(after?.status).toEqual(before.status);
  });

  test("is refused when it is out of date, or the node is not there", () => {
    const n1 = node("n1", { version: 5 });
    expect(refusal(storeOf(n1), drain(n1, 4))).toBe("FailedPrecondition: update out of sequence");
    expect(refusal(storeOf(), drain(n1))).toBe("NotFound: node n1 not found");
  });
});

describe("answer()", () => {
  const store = storeOf(
    service("b"),
    service("a"),
    node("n1"),
    task("t2", { service: "a", slot: 2 }),
    task("t1", { service: "a" }),
    task("t3", { service: "b" }),
  );
  const ids = (query: Parameters<typeof answer>[1]) =>
    answer(store, query, askedManager()).map(({ id }) => id);

  test("finds one service by name and one node by id", () => {
    expect(ids({ kind: "get-service", name: "a" })).toEqual(["a"]);
    expect(ids({ kind: "get-service", name: "c" })).toEqual([]);
    expect(ids({ kind: "get-node", id: "n1" })).toEqual(["n1"]);
    expect(ids({ kind: "get-node", id: "n2" })).toEqual([]);
  });

  test("tells what part the manager has in Raft", () => {
    const [report] = answer(store, { kind: "get-raft" }, askedManager({ leader: "m2" }));
    expect(report).toMatchObject({ kind: "raft-report", id: "m2", isManaging: true });
    expect(report).toMatchObject({ status: { role: "leader" }, progress: [{}, {}] });
  });

  test("lists services, and the tasks of one, by id", () => {
    expect(ids({ kind: "list-services" })).toEqual(["a", "b"]);
    expect(ids({ kind: "list-tasks", service: "a" })).toEqual(["t1", "t2"]);
    expect(ids({ kind: "list-tasks", service: "none" })).toEqual([]);
  });
});
