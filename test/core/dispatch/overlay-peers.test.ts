import { describe, expect, test } from "vitest";
import type { OverlayNews } from "../../../core/model/overlay.ts";
import type { Task } from "../../../core/model/task.ts";
import { TaskState } from "../../../core/model/task-state.ts";
import { node, service, task } from "../../support/model.ts";
import { inOverlay, overlayNetwork } from "../../support/overlays.ts";
import { create, remove, update } from "../../support/store.ts";
import { Leader } from "./leader.ts";

// Goal: each node knows all who are in the overlays that its own tasks are in, and of no others.

const back = overlayNetwork("back");
const front = overlayNetwork("front", { vni: 4098, subnet: "10.0.2.0/24", gateway: "10.0.2.1" });
const nodes = ["n1", "n2", "n3"].map((id, at) => node(id, { address: `192.168.0.${at + 1}` }));

const a = inOverlay(task("a", { node: "n1" }), back, "10.0.1.2");
const b = inOverlay(task("b", { node: "n2", slot: 2 }), back, "10.0.1.3");
const alone = inOverlay(task("alone", { node: "n3", slot: 3 }), front, "10.0.2.2");
const objects = [...nodes, service("web"), a, b, alone];

function shown(news: OverlayNews): string {
  if (news.kind === "left") return `left ${news.id}`;
  const peers = news.peers.map(({ task: name, address, node: on, serves }) => {
    return `${name}@${address}/${on}${serves ? "" : "!"}`;
  });
  if (news.kind === "whole") return `${news.overlay.name}: ${peers.join(" ")}`;
  return `${news.id} +${peers.join(" ")} -${news.parted.join(" ")}`;
}

/** What each node was told of overlays just now. */
function told(leader: Leader): string[] {
  return leader.sent.flatMap(({ to, message }) => {
    if (message.kind !== "assignments" || message.overlays.length === 0) return [];
    return `${to} ${message.type}: ${message.overlays.map(shown).join(", ")}`;
  });
}

const to = (of: Task, state: TaskState): Partial<Task> => ({ status: { ...of.status, state } });

describe("a node that registers", () => {
  test("is told of all who are in the overlays of its own tasks", () => {
    const leader = new Leader(objects);
    leader.register("n1");
    const peers = "a@10.0.1.2/192.168.0.1 b@10.0.1.3/192.168.0.2";
    expect(told(leader)).toEqual([`n1 complete: back: ${peers}`]);
    leader.register("n3");
    expect(told(leader)).toEqual(["n3 complete: front: alone@10.0.2.2/192.168.0.3"]);
    expect(leader.one("assignments").overlays[0]).toMatchObject({
      overlay: { id: "front", name: "front", vni: 4098, subnet: "10.0.2.0/24", port: 4789 },
      peers: [{ names: ["web", "front-alias"], name: "web.3" }],
    });
  });
});

describe("a task that comes", () => {
  const late = inOverlay(
    task("late", { node: "n3", slot: 4, state: "ASSIGNED" }),
    back,
    "10.0.1.4",
  );

  test("brings its node all there is of the overlay, and is told to the others soon", () => {
    const leader = Leader.ofThree(objects);
    leader.commit(create(late));
    const own = "a@10.0.1.2/192.168.0.1 b@10.0.1.3/192.168.0.2 late@10.0.1.4/192.168.0.3!";
    expect(told(leader)).toEqual([`n3 incremental: back: ${own}`]);
    const news = "incremental: back +late@10.0.1.4/192.168.0.3! -";
    expect(told(leader.at(0.1))).toEqual([`n1 ${news}`, `n2 ${news}`, `n3 ${news}`]);
    expect(told(leader.at(0.3))).toEqual([]);
  });

  test("is not spoken of again for steps that nobody else sees", () => {
    const leader = Leader.ofThree(objects);
    leader.commit(create(late));
    leader.at(0.1);
    leader.change("late", to(late, TaskState.PREPARING));
    expect(told(leader.at(1))).toEqual([]);
    leader.change("late", to(late, TaskState.RUNNING));
    expect(told(leader.at(1.2))).toContain("n1 incremental: back +late@10.0.1.4/192.168.0.3 -");
  });
});

describe("a task that is told to stop", () => {
  test("is named no more, and gone for its peers once it has stopped", () => {
    const leader = Leader.ofThree(objects);
    leader.change("b", { desiredState: TaskState.SHUTDOWN });
    expect(told(leader.at(0.1))).toContain("n1 incremental: back +b@10.0.1.3/192.168.0.2! -");
    leader.change("b", to(b, TaskState.SHUTDOWN));
    expect(told(leader.at(0.3))).toContain("n1 incremental: back + -b");
    expect(told(leader.at(1))).toEqual([]);
  });

  test("leaves its node without the overlay when it was the last one there", () => {
    const leader = Leader.ofThree(objects);
    leader.change("b", to(b, TaskState.FAILED));
    const before = told(leader);
    expect([...before, ...told(leader.at(0.1))]).toContain("n2 incremental: left back");
    leader.change("a", to(a, TaskState.FAILED));
    const after = told(leader);
    expect([...after, ...told(leader.at(0.3))].filter((line) => line.startsWith("n2"))).toEqual([]);
  });

  test("is gone too when it is forgotten at once", () => {
    const leader = Leader.ofThree(objects);
    leader.commit(remove(leader.task("b")));
    expect(told(leader.at(0.1))).toContain("n1 incremental: back + -b");
  });
});

describe("a node", () => {
  const changedNode = (leader: Leader, id: string, change: (of: never) => object) => {
    const known = leader.store.nodes.get(id);
    leader.commit(update({ ...known, ...change(known as never) } as never));
    return told(leader.at(leader.store.index));
  };

  test("that is down serves nobody, and its tasks keep their place", () => {
    const leader = Leader.ofThree(objects);
    const down = changedNode(leader, "n2", ({ status }: { status: object }) => ({
      status: { ...status, state: "down" },
    }));
    expect(down).toContain("n1 incremental: back +b@10.0.1.3/192.168.0.2! -");
  });

  test("that has moved is found where it is", () => {
    const leader = Leader.ofThree(objects);
    const moved = changedNode(leader, "n2", ({ description }: { description: object }) => ({
      description: { ...description, address: "192.168.9.9" },
    }));
    expect(moved).toContain("n1 incremental: back +b@10.0.1.3/192.168.9.9 -");
  });

  test("with no task in an overlay hears nothing of it", () => {
    const leader = Leader.ofThree(objects);
    leader.change("b", { desiredState: TaskState.SHUTDOWN });
    expect(told(leader.at(0.1)).filter((line) => line.startsWith("n3"))).toEqual([]);
  });
});

test("what was not acknowledged is told again, with all the rest", () => {
  const leader = Leader.ofThree(objects);
  leader.change("b", { desiredState: TaskState.SHUTDOWN });
  leader.at(0.1);
  const peers = "a@10.0.1.2/192.168.0.1 b@10.0.1.3/192.168.0.2!";
  expect(told(leader.at(2.2))).toContain(`n1 complete: back: ${peers}`);
});
