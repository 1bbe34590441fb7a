import { describe, expect, test } from "vitest";
import { servingTask } from "../../../core/model/ingress.ts";
import { node, port, serving, task } from "../../support/model.ts";

// Goal: a published port leads to the tasks that run and are to run, and to no others.

const n1 = node("n1", { address: "10.0.0.1" });
const web = serving("a", 32_768);

describe("a task that serves", () => {
  test("is named with its node's address and the port there", () => {
    const ports = [{ protocol: "tcp", publishedPort: 8080, hostPort: 32_768 }];
    expect(servingTask(web, n1)).toEqual({ task: "a", address: "10.0.0.1", ports });
  });

  test("goes on while its node is drained, paused, or not heard of yet", () => {
    const drained = node("n1", { address: "10.0.0.1", availability: "drain" });
    const unknown = node("n1", { address: "10.0.0.1", state: "unknown" });
    expect(servingTask(web, drained)).not.toBeNull();
    expect(servingTask(web, unknown)).not.toBeNull();
  });

  test("serves several ports of its own, also two that lead to the same", () => {
    const ports = [port({ publishedPort: 8080 }), port({ publishedPort: 8081 })];
    const published = servingTask({ ...web, ports }, n1)?.ports.map((each) => each.publishedPort);
    expect(published).toEqual([8080, 8081]);
  });
});

describe("a task does not serve", () => {
  test.each([
    ["before it runs", serving("a", 1, { state: "STARTING" })],
    ["once it has stopped", serving("a", 1, { state: "SHUTDOWN" })],
    [
      "from when it is told to stop, though it still runs",
      serving("a", 1, { desired: "SHUTDOWN" }),
    ],
    ["when its node has said nothing of its ports", task("a", { ports: [{ publishedPort: 80 }] })],
    ["on hosts", serving("a", 1, { ports: [{ publishedPort: 8080, publishMode: "host" }] })],
    ["over sctp", serving("a", 1, { ports: [{ publishedPort: 8080, protocol: "sctp" }] })],
    ["a port of another protocol", serving("a", 1, { ports: [{ protocol: "udp" }] })],
    ["a port that it does not open", serving("a", 1, { ports: [{ targetPort: 81 }] })],
  ])("%s", (_, given) => {
    expect(servingTask(given, n1)).toBeNull();
  });

  test.each([
    ["is down", node("n1", { address: "10.0.0.1", state: "down" })],
    ["has not said where it is", node("n1")],
    ["is gone", undefined],
  ])("on a node that %s", (_, given) => {
    expect(servingTask(web, given)).toBeNull();
  });
});
