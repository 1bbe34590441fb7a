import { expect, test } from "vitest";
import type { Node } from "../../../core/model/node.ts";
import { drainProgress } from "../../../core/observe/drain-progress.ts";
import { node, type TaskTraits, task } from "../../support/model.ts";

// Goal: whoever waits for a drained node is told when nothing runs there, and what it waits for.
// Method: a node and tasks as they are stored.

const drained = node("n1", { availability: "drain" });

function of(traits: readonly TaskTraits[], of: Node = drained) {
  return drainProgress(
    of,
    traits.map((each, at) => task(`t${at}`, { service: "web", ...each })),
  );
}

const stopping = { node: "n1", state: "RUNNING", desired: "SHUTDOWN" } as const;

test("drainProgress() is done when all that ran on the node has stopped", () => {
  const elsewhere = { node: "n2", state: "RUNNING" } as const;
  expect(of([stopping, elsewhere])).toEqual({
    isDone: false,
    isStuck: null,
    line: "n1: 1 task left",
  });
  expect(of([{ ...stopping, state: "SHUTDOWN" }, elsewhere])).toEqual({
    isDone: true,
    isStuck: null,
    line: "n1: 0 tasks left",
  });
});

test("drainProgress() says what keeps the task from running elsewhere", () => {
  const staying = { ...stopping, desired: "RUNNING" } as const;
  const failed = { state: "FAILED", node: "n2", replaces: "t0", err: "exit 1" } as const;
  const next = { state: "PENDING", replaces: "t0", err: "no suitable node", createdAt: 1 } as const;
  expect(of([staying, failed, next]).line).toBe("n1: 1 task left  (web.1: no suitable node)");
});

test("drainProgress() is stuck where the node is down or active again, and has tasks left", () => {
  const active = node("n1");
  const down = node("n1", { availability: "drain", state: "down" });
  expect(of([stopping], active).isStuck).toBe("n1 is not drained any more");
  expect(of([stopping], down).isStuck).toBe("n1 is down: nobody knows what it still runs");
  expect(of([], down)).toMatchObject({ isDone: true, isStuck: null });
});
