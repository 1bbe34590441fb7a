import { describe, expect, test } from "vitest";
import { seconds } from "../../../core/base/time.ts";
import type { Node } from "../../../core/model/node.ts";
import type { Service } from "../../../core/model/service.ts";
import { TaskState } from "../../../core/model/task-state.ts";
import { node, type ServiceTraits, service } from "../../support/model.ts";
import { changed, Planning, setTo, turned } from "../../support/planning.ts";
import { remove, transact } from "../../support/store.ts";

// Goal: a global service has one task on each node that it may run on, whatever becomes of nodes.

const global: ServiceTraits = { mode: { kind: "global" } };
const nodes = ["n1", "n2", "n3"].map((id) => node(id));

function cluster(traits: ServiceTraits = {}): Planning {
  return new Planning(...nodes, service("web", { ...global, ...traits })).settle();
}

function places(planning: Planning): string[] {
  return planning
    .running()
    .map(({ nodeId }) => nodeId as string)
    .sort();
}

/** A new version of the spec, with which every task is to be replaced. */
function updated(web: Service): Service {
  const task = { ...web.spec.task, forceUpdate: web.spec.task.forceUpdate + 1 };
  return { ...web, specVersion: web.specVersion + 1, spec: { ...web.spec, task } };
}

describe("a global service", () => {
  test("has one task on every node, in slot 0, named after it and placed when it is made", () => {
    const planning = cluster();
    const tasks = planning.running();
    expect(places(planning)).toEqual(["n1", "n2", "n3"]);
    expect(tasks.map(({ slot }) => slot)).toEqual([0, 0, 0]);
    expect(tasks.map(({ name, nodeId }) => name === `web.${nodeId}`)).toEqual([true, true, true]);
  });

  test("runs only where its constraints and its platforms are met", () => {
    const planning = new Planning(
      node("n1", { labels: { disk: "ssd" } }),
      node("n2", { labels: { disk: "ssd" }, architecture: "aarch64" }),
      node("n3"),
      service("web", { ...global, constraints: ["node.labels.disk==ssd"] }),
    );
    expect(places(planning.settle())).toEqual(["n1", "n2"]);
    planning.change("web", (web) => {
      const placement = {
        ...web.spec.task.placement,
        platforms: [{ os: "linux", architecture: "arm64" }],
      };
      return { ...web, spec: { ...web.spec, task: { ...web.spec.task, placement } } };
    });
    expect(places(planning.settle())).toEqual(["n2"]);
  });

  test("gets a task on a node that joins", () => {
    const planning = cluster();
    planning.commit([transact({ kind: "create", object: node("n4") })]);
    expect(places(planning.settle())).toEqual(["n1", "n2", "n3", "n4"]);
  });

  test("leaves a node whose labels no longer meet its constraints, and returns with them", () => {
    const label = (disk: string) => (each: Node) => ({
      ...each,
      spec: { ...each.spec, labels: new Map([["disk", disk]]) },
    });
    const planning = cluster({ constraints: ["node.labels.disk!=slow"] });
    expect(places(changed(planning, "n2", label("slow")))).toEqual(["n1", "n3"]);
    expect(places(changed(planning, "n2", label("fast")))).toEqual(["n1", "n2", "n3"]);
  });

  test("keeps its task on a paused node that no longer suits it, until either is changed", () => {
    const label = (each: Node) => ({
      ...each,
      spec: { ...each.spec, labels: new Map([["disk", "slow"]]) },
    });
    const relabelled = () => {
      const paused = setTo(cluster({ constraints: ["node.labels.disk!=slow"] }), "n2", "pause");
      return changed(paused, "n2", label);
    };
    expect(places(relabelled())).toEqual(["n1", "n2", "n3"]);
    expect(places(setTo(relabelled(), "n2", "active"))).toEqual(["n1", "n3"]);
    const same = (web: Service) => ({ ...web });
    expect(places(relabelled().change("web", same).settle())).toEqual(["n1", "n3"]);
  });

  test("leaves a node that is drained and returns to it", () => {
    const planning = setTo(cluster(), "n2", "drain");
    expect(places(planning)).toEqual(["n1", "n3"]);
    expect(planning.tasks().filter(({ status }) => status.state === TaskState.PENDING)).toEqual([]);
    expect(places(setTo(planning, "n2", "active"))).toEqual(["n1", "n2", "n3"]);
  });

  test("keeps what runs on a paused node and starts nothing there before it is active", () => {
    const planning = setTo(cluster(), "n2", "pause");
    expect(places(planning)).toEqual(["n1", "n2", "n3"]);
    const task = planning.running().find(({ nodeId }) => nodeId === "n2");
    planning.report(task as never, "FAILED").settle();
    expect(planning.at(60).living()).toEqual(["0:RUNNING@n1", "0:RUNNING@n3"]);
    expect(places(setTo(planning, "n2", "active").at(120))).toEqual(["n1", "n2", "n3"]);
  });

  test("keeps what ran on a node that is down, unless the service asks for something else", () => {
    const planning = turned(cluster(), "n2", "down");
    const [kept] = planning.tasks().filter(({ nodeId }) => nodeId === "n2");
    expect(kept?.desiredState).toBe(TaskState.RUNNING);
    turned(planning, "n2", "ready");
    expect(planning.running().find(({ nodeId }) => nodeId === "n2")).toEqual(kept);
    turned(planning, "n2", "down").change("web", updated).at(60).settle();
    const [outdated] = planning.tasks().filter(({ nodeId }) => nodeId === "n2");
    expect(outdated?.desiredState).toBe(TaskState.SHUTDOWN);
    turned(planning, "n2", "ready").at(120);
    expect(places(planning)).toEqual(["n1", "n2", "n3"]);
    expect(planning.running().map(({ specVersion }) => specVersion)).toEqual([2, 2, 2]);
  });

  test("starts on a node that is back only when what ran there before is gone", () => {
    const planning = cluster();
    planning.stops = () => false;
    setTo(planning, "n2", "drain");
    setTo(planning, "n2", "active");
    const onNode = () => planning.living().filter((each) => each.endsWith("n2"));
    expect(onNode()).toEqual(["0:RUNNING@n2", "0:READY@n2"]);
    planning.stops = () => true;
    planning.settle();
    expect(onNode()).toEqual(["0:RUNNING@n2"]);
  });

  test("asks nothing of a node that a new leader has not heard of yet", () => {
    const planning = turned(cluster(), "n2", "unknown");
    expect(planning.living()).toHaveLength(3);
    expect(planning.tasks()).toHaveLength(3);
  });

  test("has no task left of a node that was removed", () => {
    const planning = cluster();
    const task = planning.running().find(({ nodeId }) => nodeId === "n2");
    planning.report(task as never, "ORPHANED");
    planning.commit([transact(remove(planning.store.nodes.get("n2") as Node))]);
    planning.settle();
    expect(planning.tasks().map(({ nodeId }) => nodeId)).toEqual(["n1", "n3"]);
  });

  test("restarts a task on its own node, up to its attempts", () => {
    const planning = cluster({ restart: { maxAttempts: 2, delay: 0 as never } });
    planning.starts = ({ nodeId }) => nodeId !== "n2";
    const first = planning.running().find(({ nodeId }) => nodeId === "n2");
    planning.report(first as never, "FAILED").settle();
    const tried = planning.tasks().filter(({ nodeId }) => nodeId === "n2");
    expect(tried).toHaveLength(3);
    expect(places(planning)).toEqual(["n1", "n3"]);
    planning.starts = () => true;
    planning.change("web", updated).settle();
    expect(places(planning)).toEqual(["n1", "n2", "n3"]);
  });

  test("counts attempts anew for a spec that finds its node drained, and then back", () => {
    const planning = cluster({ restart: { maxAttempts: 2, delay: 0 as never } });
    const first = planning.running().find(({ nodeId }) => nodeId === "n2");
    planning.report(first as never, "FAILED").settle();
    const second = planning.running().find(({ nodeId }) => nodeId === "n2");
    expect(second?.restarts).toMatchObject({ attempts: 1 });
    setTo(planning, "n2", "drain");
    planning.change("web", updated).settle();
    setTo(planning, "n2", "active");
    const third = planning.running().find(({ nodeId }) => nodeId === "n2");
    expect(third).toMatchObject({ specVersion: 2, restarts: { attempts: 0 } });
  });

  test("is updated node by node, but not on a paused one", () => {
    const planning = setTo(cluster(), "n2", "pause");
    planning.change("web", updated).settle();
    const versions = () =>
      planning.running().map(({ nodeId, specVersion }) => `${nodeId}:${specVersion}`);
    expect(versions().sort()).toEqual(["n1:2", "n2:1", "n3:2"]);
    setTo(planning, "n2", "active");
    expect(versions().sort()).toEqual(["n1:2", "n2:2", "n3:2"]);
  });

  test("watches what an update has put on a node, though the node is paused since", () => {
    const planning = cluster();
    const status = () => planning.store.services.get("web")?.updateStatus?.state;
    planning.holds = ({ nodeId, isUpdate }) => isUpdate && nodeId === "n3";
    planning.change("web", updated).settle();
    planning.holds = () => false;
    setTo(planning.at(3), "n3", "pause");
    expect(planning.at(5).running()).toHaveLength(3);
    expect(status()).toBe("updating");
    expect([planning.at(7).second, status()]).toEqual([7, "updating"]);
    planning.at(8);
    expect(status()).toBe("completed");
  });

  test("is not updated on two nodes at once because one of them is paused on the way", () => {
    const planning = cluster();
    planning.holds = ({ isUpdate }) => isUpdate;
    planning.change("web", updated).settle();
    setTo(planning, "n1", "pause");
    const begun = planning.tasks().filter(({ isUpdate }) => isUpdate);
    expect(begun.map(({ nodeId }) => nodeId)).toEqual(["n1"]);
  });

  test("waits for the rest of a delay when its node was drained in the middle of it", () => {
    const planning = cluster({ restart: { delay: seconds(10) } });
    const first = planning.running().find(({ nodeId }) => nodeId === "n2");
    planning
      .at(1)
      .report(first as never, "FAILED")
      .settle();
    setTo(planning.at(2), "n2", "drain");
    setTo(planning.at(3), "n2", "active");
    expect(places(planning.at(10))).toEqual(["n1", "n3"]);
    expect(places(planning.at(11))).toEqual(["n1", "n2", "n3"]);
  });

  test("keeps a bounded history on each node", () => {
    const planning = cluster({ restart: { delay: 0 as never } });
    for (let round = 0; round < 12; round += 1) {
      for (const task of planning.running()) planning.report(task, "FAILED");
      planning.at(round + 1);
    }
    expect(planning.tasks()).toHaveLength(3 * 5);
  });

  test("waits on a node without room for it, and takes no other", () => {
    const planning = new Planning(
      node("n1"),
      node("n2", { cpus: 1 }),
      service("web", { ...global, reservations: { nanoCpus: 2e9, memoryBytes: 0 } }),
    ).settle();
    expect(places(planning)).toEqual(["n1"]);
    const waiting = planning.tasks().find(({ nodeId }) => nodeId === "n2");
    expect(waiting?.status.err).toBe("insufficient resources on 1 node");
  });
});
