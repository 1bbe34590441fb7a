import { describe, expect, test } from "vitest";
import type { OverlayNews, OverlayPeer, OverlayState } from "../../../core/model/overlay.ts";
import { TaskState } from "../../../core/model/task-state.ts";
import { task } from "../../support/model.ts";
import { inOverlay, overlayNetwork } from "../../support/overlays.ts";
import { AgentHost } from "./agent-host.ts";

// Goal: a node's overlays are as the leader said last; a task to which names lead is left alone for
// a moment before it is stopped.

const overlay = {
  ...{ id: "back", name: "back", vni: 4097 },
  ...{ subnet: "10.0.1.0/24", gateway: "10.0.1.1", port: 4789 },
};

function peer(name: string, address: string): OverlayPeer {
  return { task: name, name, address, node: "192.168.0.2", names: ["web"], serves: true };
}

const [a, b] = [peer("a", "10.0.1.2"), peer("b", "10.0.1.3")];
const whole = (...peers: OverlayPeer[]): OverlayNews => ({ kind: "whole", overlay, peers });

function shown({ name, peers }: OverlayState): string {
  return `${name}: ${peers?.map((each) => `${each.task}@${each.address}`).join(" ") ?? "none"}`;
}

/** What the port was told since the last call. */
function carried(worker: AgentHost): string[] {
  return worker.overlays.splice(0).map(shown);
}

describe("an overlay", () => {
  test("is carried with all that there is to know, its peers in the order of their ids", () => {
    const worker = new AgentHost().open().overlay("complete", whole(b, a));
    expect(worker.overlays).toEqual([{ ...overlay, own: "", peers: [a, b] }]);
  });

  test("changes with its peers", () => {
    const worker = new AgentHost().open().overlay("complete", whole(a));
    carried(worker);
    const moved = peer("a", "10.0.1.9");
    worker.overlay("incremental", { kind: "changed", id: "back", peers: [b, moved], parted: [] });
    expect(carried(worker)).toEqual(["back: a@10.0.1.9 b@10.0.1.3"]);
    worker.overlay("incremental", { kind: "changed", id: "back", peers: [], parted: ["a"] });
    expect(carried(worker)).toEqual(["back: b@10.0.1.3"]);
    worker.overlay("incremental", whole(a));
    expect(carried(worker)).toEqual(["back: a@10.0.1.2"]);
  });

  test("is gone once no task here is in it, by word or by silence", () => {
    const worker = new AgentHost().open().overlay("complete", whole(a));
    carried(worker);
    worker.overlay("incremental", { kind: "left", id: "back" });
    expect(carried(worker)).toEqual(["back: none"]);
    worker.overlay("incremental", whole(a)).overlay("complete");
    expect(carried(worker)).toEqual(["back: a@10.0.1.2", "back: none"]);
  });

  test("goes on while the node hears no leader, and until the next one has spoken", () => {
    const worker = new AgentHost().open().overlay("complete", whole(a));
    carried(worker);
    worker.at(60).open(2, "s2");
    expect(carried(worker)).toEqual([]);
    worker.overlay("complete", whole(b));
    expect(carried(worker)).toEqual(["back: b@10.0.1.3"]);
  });

  test("is gone from a node that has been removed", () => {
    const worker = new AgentHost().open().overlay("complete", whole(a));
    carried(worker);
    worker.receive({ kind: "session-invalid", session: "s1" }).at(10);
    const attempt = worker.last("register")?.attempt ?? 0;
    worker.receive({ kind: "registration-refused", attempt, reason: "removed" });
    expect(carried(worker)).toEqual(["back: none"]);
  });
});

test("a task in an overlay is stopped half a second after it is told to", () => {
  const given = inOverlay(task("a"), overlayNetwork("back"), "10.0.1.2");
  const worker = new AgentHost({
    tasks: [given],
    containers: [{ task: "a", state: "running", exitCode: null, unhealthy: false }],
  });
  worker
    .open()
    .change([{ ...given, desiredState: TaskState.SHUTDOWN }])
    .sync();
  const since = worker.now / 1e6;
  worker.at(since + 0.49);
  expect(worker.asked()).toEqual([]);
  worker.at(since + 0.5);
  expect(worker.asked()).toEqual(["shutdown a"]);
});
