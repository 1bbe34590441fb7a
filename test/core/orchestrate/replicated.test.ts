import { describe, expect, test } from "vitest";
import { limits } from "../../../core/base/limits.ts";
import { logDriverOf, type Task } from "../../../core/model/task.ts";
import { isWanted, TaskState } from "../../../core/model/task-state.ts";
import type { Volume } from "../../../core/model/volume.ts";
import { reconcile } from "../../../core/orchestrate/orchestrate.ts";
import {
  moment,
  noDelay,
  node,
  type ServiceTraits,
  service,
  settings,
  task,
  volume,
} from "../../support/model.ts";
import { Planning } from "../../support/planning.ts";
import { context, storeOf, transact, update } from "../../support/store.ts";

// Goal: a service has its count of replicas, one slot each, whatever is lost.
// Method: planners and a store in a loop, with agents that do at once what they are asked.

const nodes = ["n1", "n2", "n3"].map((id) => node(id));

function cluster(traits: ServiceTraits): Planning {
  return new Planning(...nodes, service("web", traits)).settle();
}

function scaled(planning: Planning, replicas: number): Planning {
  const mode = { kind: "replicated", replicas } as const;
  return planning.change("web", (web) => ({ ...web, spec: { ...web.spec, mode } })).settle();
}

describe("a new service", () => {
  test("gets a task for each of its slots, spread over the nodes", () => {
    const running = cluster({ replicas: 4 }).running();
    expect(running.map(({ slot }) => slot)).toEqual([1, 2, 3, 4]);
    expect(running.map(({ nodeId }) => nodeId).sort()).toEqual(["n1", "n1", "n2", "n3"]);
  });

  test("however large is made piece by piece: no plan is much more than an entry holds", () => {
    const store = storeOf(service("web", { replicas: limits.tasksOfService }));
    const { transactions } = reconcile(context(store, 4), "web");
    expect(transactions).toHaveLength(limits.changesPerEntry + 1);
    expect(cluster({ replicas: 450 }).running()).toHaveLength(450);
  });

  test("makes tasks that carry its spec, its version and their slot", () => {
    const store = storeOf(service("web", { replicas: 2, specVersion: 7, image: "web:9" }));
    const { transactions, wakeAt } = reconcile(context(store, 4), "web");
    expect(wakeAt).toBeNull();
    expect(transactions.map(({ actor }) => actor)).toEqual(["orchestrator", "orchestrator"]);
    const [change] = transactions[1]?.changes ?? [];
    expect(change).toMatchObject({
      kind: "create",
      object: {
        name: "web.2",
        slot: 2,
        nodeId: null,
        specVersion: 7,
        spec: { container: { image: "web:9" } },
        startAt: moment(4),
        desiredState: TaskState.RUNNING,
        status: {
          state: TaskState.PENDING,
          message: "pending task scheduling",
          appliedAt: moment(4),
        },
      },
    });
  });

  test("makes tasks that are new only where the allocator has something to give", () => {
    const publishing = service("web", { ports: [{ targetPort: 80 }] });
    const asked = publishing.spec.task;
    const task = { ...asked, networks: [{ target: "net", aliases: [] }] };
    const attached = { ...service("db"), spec: { ...service("db").spec, task } };
    const leaving = { ...service("old"), ports: publishing.spec.endpoint.ports };
    for (const each of [publishing, attached, leaving]) {
      const [made] = reconcile(context(storeOf(each), 4), each.id).transactions;
      const status = { state: TaskState.NEW, message: "created" };
      expect(made?.changes).toMatchObject([{ object: { status } }]);
    }
  });

  test("makes tasks with the cluster's log driver, unless the service has its own", () => {
    const logDriver = { name: "local", options: new Map([["max-size", "1m"]]) };
    const own = { name: "none", options: new Map() };
    const plain = service("own", { replicas: 1 });
    const spec = { ...plain.spec, task: { ...plain.spec.task, logDriver: own } };
    const usual = service("web", { replicas: 1 });
    const store = storeOf(settings({ logDriver }), usual, { ...plain, spec });
    const driverOf = (id: string) => {
      const [change] = reconcile(context(store, 4), id).transactions[0]?.changes ?? [];
      return change?.kind === "create" ? logDriverOf(change.object as Task) : null;
    };
    expect(["web", "own"].map(driverOf)).toEqual([logDriver, own]);
  });

  test("needs nothing once it has all its tasks", () => {
    const { context: now } = cluster({ replicas: 3 });
    const nothing = { transactions: [], wakeAt: null, slotWakes: [], isBySlot: true };
    expect(reconcile(now, "web")).toEqual(nothing);
  });

  test("of no replicas gets no task", () => {
    expect(cluster({ replicas: 0 }).tasks()).toEqual([]);
  });
});

describe("scaling up", () => {
  test("fills the lowest free slot numbers", () => {
    const planning = new Planning(
      ...nodes,
      service("web", { replicas: 4 }),
      task("t2", { slot: 2, node: "n1" }),
      task("t4", { slot: 4, node: "n2" }),
    ).settle();
    expect(planning.living().map((each) => each.slice(0, 1))).toEqual(["1", "2", "3", "4"]);
    expect(planning.tasks().map(({ id }) => id)).toContain("t4");
  });

  test("fills the slot of a removed task again, which is started once that has stopped", () => {
    const planning = cluster({ replicas: 2 });
    planning.stops = () => false;
    scaled(scaled(planning, 1), 2);
    const ready = () => planning.living().filter((each) => each.startsWith("2:READY"));
    expect(ready()).toHaveLength(1);
    planning.stops = () => true;
    planning.settle();
    expect(planning.running().map(({ slot }) => slot)).toEqual([1, 2]);
  });

  test("waits a minute and no longer for a removed task that does not stop", () => {
    const planning = cluster({ replicas: 2 });
    planning.stops = () => false;
    scaled(scaled(planning, 1), 2);
    expect(planning.at(59).running()).toHaveLength(2);
    expect(
      planning
        .at(60)
        .running()
        .map(({ slot }) => slot),
    ).toEqual([1, 2, 2]);
  });
});

describe("scaling down", () => {
  test("takes from the fullest nodes first, and there the highest slots", () => {
    const spread = [
      ["n1", 1],
      ["n1", 2],
      ["n1", 3],
      ["n2", 4],
      ["n3", 5],
    ] as const;
    const tasks = spread.map(([on, slot]) => task(`t${slot}`, { node: on, slot }));
    const planning = new Planning(...nodes, service("web", { replicas: 3 }), ...tasks).settle();
    expect(planning.living()).toEqual(["1:RUNNING@n1", "4:RUNNING@n2", "5:RUNNING@n3"]);
    expect(scaled(planning, 2).living()).toEqual(["1:RUNNING@n1", "4:RUNNING@n2"]);
  });

  test("takes slots that do not run before those that do, and those without a node first", () => {
    const tasks = [
      task("t1", { slot: 1, state: "PENDING" }),
      task("t2", { slot: 2, state: "STARTING", node: "n1" }),
      task("t3", { slot: 3, node: "n1" }),
      task("t4", { slot: 4, node: "n2" }),
    ];
    const kept = (replicas: number) => {
      const store = storeOf(...nodes, service("web", { replicas }), ...tasks);
      const { transactions } = reconcile(context(store), "web");
      const removed = transactions.flatMap(({ changes }) =>
        changes.map((change) => (change.kind === "update" ? change.object.id : "")),
      );
      return tasks.map(({ id }) => id).filter((id) => !removed.includes(id));
    };
    expect(kept(3)).toEqual(["t2", "t3", "t4"]);
    expect(kept(2)).toEqual(["t3", "t4"]);
    expect(kept(1)).toEqual(["t3"]);
  });

  test("asks for REMOVE of all that the slot ever had, and forgets what has stopped", () => {
    const planning = cluster({ replicas: 2, restart: noDelay });
    planning.report(planning.running()[1] as Task, "FAILED").settle();
    expect(planning.tasks().filter(({ slot }) => slot === 2)).toHaveLength(2);
    scaled(planning, 1);
    expect(planning.tasks().map(({ slot }) => slot)).toEqual([1]);
  });
});

describe("removing a service", () => {
  test("stops every task, then forgets it", () => {
    const planning = cluster({ replicas: 3 });
    const web = planning.store.services.get("web");
    const remove = { kind: "remove", table: "service", id: "web" } as const;
    const changes = [{ ...remove, version: web?.meta.version ?? 0 }];
    planning.commit([{ actor: "control", changes, request: null, result: "" }]);
    planning.stops = () => false;
    planning.settle();
    expect(planning.running()).toHaveLength(3);
    expect(planning.tasks().every((each) => each.desiredState === TaskState.REMOVE)).toBe(true);
    planning.stops = () => true;
    expect(planning.settle().tasks()).toEqual([]);
  });
});

describe("leaving a task alone", () => {
  test("is right on a node that is paused or not heard of yet", () => {
    for (const traits of [{ availability: "pause" }, { state: "unknown" }] as const) {
      const store = storeOf(node("n1", traits), service("web"), task("t1"));
      expect(reconcile(context(store), "web").transactions).toEqual([]);
    }
  });

  test("is right while it waits for a node", () => {
    const store = storeOf(service("web"), task("t1", { state: "PENDING" }));
    expect(reconcile(context(store), "web").transactions).toEqual([]);
  });
});

describe("a volume of the cluster that is drained", () => {
  const mounts = [{ kind: "cluster", source: "data", target: "/data", readOnly: false }] as const;
  const keep = (planning: Planning, availability: Volume["spec"]["availability"]): Planning => {
    const before = planning.store.volumes.get("data") as Volume;
    planning.commit([transact(update({ ...before, spec: { ...before.spec, availability } }))]);
    return planning.settle();
  };

  test.each<[string, ServiceTraits, number]>([
    ["replicated", { replicas: 2 }, 1],
    ["global", { mode: { kind: "global" } }, 0],
  ])("stops the tasks that mount it: of a %s service they wait until it is back", (_, as, slot) => {
    const planning = new Planning(
      ...[...nodes.slice(0, 1), volume("data", "n1")],
      ...[service("web", { mounts, ...as }), service("other")],
    ).settle();
    const count = planning.running().length;
    expect(keep(planning, "drain").running()).toEqual([]);
    const wanted = planning.tasks().filter(({ desiredState }) => isWanted(desiredState));
    expect(wanted).toHaveLength(count);
    expect(wanted[0]).toMatchObject({ slot, status: { state: TaskState.PENDING } });
    expect(wanted[0]?.status.err).toContain("cannot fulfill requested volumes on 1 node");
    expect(planning.running("other")).toHaveLength(1);
    expect(
      planning
        .at(60)
        .tasks()
        .filter(({ desiredState }) => isWanted(desiredState)),
    ).toEqual(wanted);
    expect(keep(planning, "active").running()).toHaveLength(count);
  });

  test("keeps tasks when it is only paused", () => {
    const web = service("web", { mounts });
    const planning = new Planning(...nodes, volume("data", "n1"), web).settle();
    expect(keep(planning, "pause").running()).toHaveLength(1);
  });
});
