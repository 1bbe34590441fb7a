import { expect, test } from "vitest";
import { serviceStatuses } from "../../../core/observe/service-status.ts";
import { node, service, task } from "../../support/model.ts";

// Goal: `service ls` says how many replicas there are, whatever became of the nodes of before.
// Method: tasks as they are stored right after a node went down.

test("serviceStatuses() counts no task of a node that is down among those that run", () => {
  const web = service("s1", { name: "web", replicas: 2 });
  const tasks = [
    task("here", { service: "s1", state: "RUNNING", node: "n1" }),
    task("lost", { service: "s1", state: "RUNNING", desired: "SHUTDOWN", node: "n2" }),
    task("instead", { service: "s1", state: "STARTING", node: "n3" }),
    task("of another", { service: "s2", state: "RUNNING", node: "n1" }),
  ];
  const nodes = [node("n1"), node("n2", { state: "down" }), node("n3", { state: "unknown" })];
  const whenReady = serviceStatuses([web], tasks, [node("n1"), node("n2"), node("n3")]);
  expect(whenReady.get("s1")).toEqual({ running: 2, desired: 2, completed: 0 });
  expect(serviceStatuses([web], tasks, nodes).get("s1")).toEqual({
    running: 1,
    desired: 2,
    completed: 0,
  });
});
