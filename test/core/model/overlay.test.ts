import { describe, expect, test } from "vitest";
import { overlayPeer, overlayPlaces } from "../../../core/model/overlay.ts";
import type { Task } from "../../../core/model/task.ts";
import { network, node, task } from "../../support/model.ts";
import { inOverlay, overlayNetwork } from "../../support/overlays.ts";

// Goal: whoever is in an overlay is known to the others while its container may run, and names lead
// to it while it runs and is to run.

const back = overlayNetwork("back");
const n1 = node("n1", { address: "192.168.0.1" });

function peerOf(given: Task, on = n1) {
  const [place] = overlayPlaces(given);
  return place === undefined ? null : overlayPeer(given, place, on);
}

describe("a task", () => {
  test("is in the overlays in which it has an address, and in no bridge", () => {
    const given = inOverlay(task("t1"), back, "10.0.1.2");
    const bridge = { ...network("local"), address: "" };
    expect(overlayPlaces({ ...given, networks: [...given.networks, bridge] })).toEqual([
      { overlay: { id: "back", name: "back", ...back.overlay }, address: "10.0.1.2" },
    ]);
    expect(overlayPlaces(task("t1"))).toEqual([]);
  });

  test("is known by its address, its node, and what it is called", () => {
    expect(peerOf(inOverlay(task("t1"), back, "10.0.1.2"))).toEqual({
      ...{ task: "t1", name: "web.1", address: "10.0.1.2", node: "192.168.0.1" },
      ...{ names: ["web", "back-alias"], serves: true },
    });
  });

  test.each([
    ["has a node, but has not started", task("t1", { state: "ASSIGNED" }), n1],
    ["is told to stop", task("t1", { desired: "SHUTDOWN" }), n1],
    ["is on a node that is down", task("t1"), node("n1", { state: "down" })],
  ])("is known and named by nobody while it %s", (_, given, on) => {
    expect(peerOf(inOverlay(given, back, "10.0.1.2"), on)?.serves).toBe(false);
  });

  test.each([
    ["before it has a node", task("t1", { state: "PENDING" })],
    ["once it has stopped", task("t1", { state: "SHUTDOWN", desired: "SHUTDOWN" })],
    ["once it was given up", task("t1", { state: "ORPHANED", desired: "SHUTDOWN" })],
  ])("is not known %s", (_, given) => {
    expect(peerOf(inOverlay(given, back, "10.0.1.2"))).toBeNull();
  });
});
