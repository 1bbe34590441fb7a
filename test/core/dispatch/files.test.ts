import { expect, test } from "vitest";
import type { StoreObject } from "../../../core/model/change.ts";
import { TaskState } from "../../../core/model/task-state.ts";
import { config, node, secret, task } from "../../support/model.ts";
import { update } from "../../support/store.ts";
import { Leader } from "./leader.ts";

// Goal: a node is told the secrets and configs of its own tasks, each when it first needs it.

const objects: StoreObject[] = [
  node("n1"),
  node("n2"),
  secret("key"),
  secret("unused"),
  config("motd"),
  task("a", { node: "n1", state: "ASSIGNED", secrets: ["key"] }),
  task("b", { node: "n2", state: "ASSIGNED", configs: ["motd"] }),
];

const namesOf = (files: readonly StoreObject[]) => files.map(({ id }) => id);

test("the first set has the files of the node's own tasks and no others", () => {
  const leader = new Leader(objects);
  leader.register("n1");
  expect(namesOf(leader.one("assignments").files)).toEqual(["key"]);
  leader.register("n2");
  expect(namesOf(leader.one("assignments").files)).toEqual(["motd"]);
});

test("a task that comes later brings its files, one that only changes does not", () => {
  const leader = new Leader(objects);
  leader.open("n1");
  const late = task("c", { node: "n1", state: "ASSIGNED", secrets: ["key"], configs: ["motd"] });
  leader.commit({ kind: "create", object: late });
  expect(namesOf(leader.one("assignments").files)).toEqual(["key", "motd"]);
  const stored = leader.store.tasks.get("c");
  if (stored === undefined) throw new Error("the task is stored");
  leader.leap(0.1);
  leader.commit(update({ ...stored, desiredState: 640 }));
  expect(leader.one("assignments").files).toEqual([]);
});

test("a task brings its files to the node that it is given", () => {
  const waiting = task("c", { node: null, state: "PENDING", secrets: ["key"] });
  const leader = new Leader([...objects, waiting]);
  leader.open("n1");
  const status = { ...waiting.status, state: TaskState.ASSIGNED };
  leader.commit(update({ ...waiting, nodeId: "n1", status }));
  expect(namesOf(leader.one("assignments").files)).toEqual(["key"]);
});

test("what has ended is told of without its files", () => {
  const ended = task("a", { node: "n1", state: "COMPLETE", secrets: ["key"] });
  const leader = new Leader([node("n1"), secret("key"), ended]);
  leader.register("n1");
  expect(leader.one("assignments")).toMatchObject({ tasks: [{ id: "a" }], files: [] });
});

test("a file that is gone is left out", () => {
  const leader = new Leader(objects.filter(({ id }) => id !== "key"));
  leader.register("n1");
  expect(leader.one("assignments").files).toEqual([]);
});
