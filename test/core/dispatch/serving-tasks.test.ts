import { describe, expect, test } from "vitest";
import type { Node } from "../../../core/model/node.ts";
import { TaskState } from "../../../core/model/task-state.ts";
import { node, serving, task } from "../../support/model.ts";
import { update } from "../../support/store.ts";
import { Leader } from "./leader.ts";

// Goal: every node is told which tasks serve published ports, and then only what changes of it.

const addressed = (id: string, number: number) => node(id, { address: `10.0.0.${number}` });
const objects = [
  addressed("n1", 1),
  addressed("n2", 2),
  addressed("n3", 3),
  serving("a", 32_768),
  serving("b", 32_769, { node: "n2", slot: 2 }),
  task("plain", { node: "n3", slot: 3 }),
];

/** Who serves and who does not any more, as each node was told just now. */
function told(leader: Leader): string[] {
  return leader.sent.flatMap(({ to, message }) => {
    if (message.kind !== "assignments") return [];
    const names = message.serving.map(({ task: name }) => name);
    return `${to} ${message.type}: +${names} -${message.ceased}`;
  });
}

/** Waits until what has changed is told. */
function wait(leader: Leader, second: number): string[] {
  return told(leader.at(second));
}

describe("a node that registers", () => {
  test("is told of all tasks that serve, whatever it runs itself", () => {
    const leader = new Leader(objects);
    leader.register("n3");
    expect(told(leader)).toEqual(["n3 complete: +a,b -"]);
    const [first] = leader.one("assignments").serving;
    expect(first).toMatchObject({ task: "a", address: "10.0.0.1" });
  });
});

describe("a task that is told to stop", () => {
  test("serves no more on any node, and nothing else is said again", () => {
    const leader = Leader.ofThree(objects);
    leader.change("a", { desiredState: TaskState.SHUTDOWN });
    expect(told(leader)).toEqual(["n1 incremental: + -"]);
    expect(wait(leader, 0.1)).toEqual([
      "n1 incremental: + -a",
      "n2 incremental: + -a",
      "n3 incremental: + -a",
    ]);
    expect(wait(leader, 0.3)).toEqual([]);
  });
});

describe("changes", () => {
  test("wait a little for others, and are told together", () => {
    const leader = Leader.ofThree(objects);
    leader.change("a", { desiredState: TaskState.SHUTDOWN });
    leader.at(0.05);
    leader.change("b", { desiredState: TaskState.SHUTDOWN });
    expect(wait(leader, 0.1)).toContain("n3 incremental: + -a,b");
  });

  test("that concern no published port are told to nobody else", () => {
    const leader = Leader.ofThree(objects);
    leader.change("plain", { desiredState: TaskState.SHUTDOWN });
    expect(wait(leader, 1)).toEqual([]);
  });

  test("are in the whole table of who registers meanwhile", () => {
    const leader = Leader.ofThree(objects);
    leader.change("a", { desiredState: TaskState.SHUTDOWN });
    leader.register("n3");
    expect(told(leader)).toEqual(["n3 complete: +b -"]);
  });

  test("that were not acknowledged are told again, with all the rest", () => {
    const leader = Leader.ofThree(objects);
    leader.change("a", { desiredState: TaskState.SHUTDOWN });
    wait(leader, 0.1);
    leader.at(2.2);
    expect(told(leader)).toContain("n3 complete: +b -");
  });
});

describe("the tasks of a node", () => {
  function nodeChanged(leader: Leader, change: (of: Node) => Node): string[] {
    leader.commit(update(change(leader.store.nodes.get("n2") as Node)));
    return wait(leader, leader.store.index);
  }

  test("serve no more when it is down, and again when it is back", () => {
    const leader = Leader.ofThree(objects);
    const to = (state: "down" | "ready") => (of: Node) => ({
      ...of,
      status: { ...of.status, state },
    });
    expect(nodeChanged(leader, to("down"))).toContain("n1 incremental: + -b");
    expect(nodeChanged(leader, to("ready"))).toContain("n1 incremental: +b -");
  });

  test("are found where it has moved to", () => {
    const leader = Leader.ofThree(objects);
    const moved = (of: Node) => ({
      ...of,
      description: { ...of.description, address: "10.9.9.9" },
    });
    expect(nodeChanged(leader, moved)).toContain("n1 incremental: +b -");
    const message = leader.sent.find(({ to }) => to === "n1")?.message;
    expect(message).toMatchObject({ serving: [{ task: "b", address: "10.9.9.9" }] });
  });

  test("are not looked at for what else changes of it", () => {
    const leader = Leader.ofThree(objects);
    const labelled = (of: Node) => ({ ...of, spec: { ...of.spec, labels: new Map([["a", "b"]]) } });
    expect(nodeChanged(leader, labelled)).toEqual([]);
  });
});
