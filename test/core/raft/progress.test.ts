import { expect, test } from "vitest";
import type { Entry } from "../../../core/raft/message.ts";
import { Progress } from "../../../core/raft/progress.ts";
import { beat, numbered, three } from "./cluster.ts";

const probed = (next: number) => new Progress("b", next, 16, 1_000);

test("a refusal of another place than the one that is probed is stale", () => {
  const progress = probed(10);
  expect([progress.refused(5, 2), progress.next]).toEqual([false, 10]);
  expect([progress.refused(9, 2), progress.next]).toEqual([true, 3]);
});

test("a probe is sent again after one answer to a heartbeat, then ever less often", () => {
  const progress = probed(10);
  const sentAt: number[] = [];
  for (let tick = 0; tick < 200; tick += 1) {
    progress.heard(tick);
    if (progress.paused) continue;
    sentAt.push(tick);
    progress.sent(1, 10, tick);
  }
  expect(sentAt).toEqual([0, 1, 2, 4, 8, 16, 32, 64, 128, 192]);
  progress.accepted(10);
  expect(progress.paused).toBe(false);
});

test("a large probe is not sent again before a slow link may have brought it", () => {
  const progress = probed(10);
  progress.sent(1, 1_000_000, 5);
  for (let tick = 5; tick < 20; tick += 1) progress.heard(tick);
  expect(progress.paused).toBe(true);
  progress.heard(20);
  expect(progress.paused).toBe(false);
});

test("who has refused an append is told again what is committed", () => {
  const progress = probed(10);
  progress.sentCommit = 9;
  progress.refused(9, 4);
  progress.accepted(9);
  expect(progress.wantsCommit(9)).toBe(true);
});

test("no snapshot is sent to who has not answered for an election timeout", () => {
  const cluster = three({ config: { checkQuorum: true } });
  cluster.elect("a");
  cluster.crash("c");
  for (const number of [1, 2, 3]) cluster.propose("a", number);
  cluster.settle();
  const { applied } = cluster.raft("a");
  cluster.step("a", {
    kind: "compact",
    index: applied,
    keepFrom: applied + 1,
    payload: numbered(0),
  });
  beat(cluster, "a", 20);
  cluster.step("a", { kind: "unreachable", member: "c" });
  cluster.propose("a", 4);
  const kinds = cluster.messages.map(({ kind }) => kind);
  expect(kinds).toContain("append");
  expect(kinds).not.toContain("snapshot");
});

test("an acknowledgement of what the leader does not hold counts for nothing", () => {
  const cluster = three();
  cluster.elect("a");
  const about = { from: "b", to: "a", term: 1, rejected: false, hintIndex: 0, hintTerm: 0 };
  cluster.deliver({ ...about, kind: "append-response", index: 99 });
  expect(cluster.raft("a").progress()[0]).toMatchObject({ match: 1, next: 2 });
});

test("a write under way does not vouch for a log that a snapshot has replaced", () => {
  const cluster = three({ instantDisk: false });
  const about = { from: "a", to: "b" } as const;
  const entries = [1, 2, 3].map((index): Entry => ({ kind: "empty", term: 1, index }));
  const append = { kind: "append", prevIndex: 0, prevTerm: 0, commit: 0, entries } as const;
  cluster.deliver({ ...about, ...append, term: 1 });
  const { membership } = cluster.raft("b");
  const snapshot = { index: 2, term: 2, membership, payload: numbered(0) };
  cluster.deliver({ ...about, kind: "snapshot", term: 2, snapshot });
  cluster.flush("b", 1);
  expect(cluster.raft("b").stable).toBe(0);
});
