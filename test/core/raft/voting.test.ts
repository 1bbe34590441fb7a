import { expect, test } from "vitest";
import type { RaftMessage } from "../../../core/raft/message.ts";
import { three } from "./cluster.ts";

const emptyLog = { lastIndex: 0, lastTerm: 0, transfer: false };
/** From a to b, whose log is as empty. */
const vote = { kind: "vote", from: "a", to: "b", term: 1, ...emptyLog } as const;

test("who has voted waits for an election timeout before it stands itself", () => {
  const cluster = three();
  const refusal: RaftMessage = { ...vote, kind: "vote-response", from: "c", granted: false };
  cluster.deliver(refusal);
  cluster.tick("b", 9);
  cluster.deliver(vote);
  cluster.tick("b", 9);
  expect(cluster.raft("b").status()).toMatchObject({ role: "follower", term: 1, vote: "a" });
});

test("who knows the leader of a term votes for nobody else in it", () => {
  const cluster = three();
  cluster.step("a", { kind: "campaign" });
  cluster.settle(({ kind, to }) => kind === "vote" && to === "b");
  expect(cluster.raft("b").status()).toMatchObject({ leader: "a", vote: null });
  cluster.deliver({ ...vote, from: "c", lastIndex: 9, lastTerm: 1 });
  expect(cluster.messages).toMatchObject([{ kind: "vote-response", granted: false }]);
});

test("a transfer has an election timeout, whenever it begins", () => {
  const cluster = three();
  cluster.elect("a");
  cluster.tick("a", 9);
  cluster.step("a", { kind: "transfer", to: "c" });
  cluster.tick("a");
  const transferring = { kind: "refused", reason: "transferring" };
  expect(cluster.propose("a", 1)).toContainEqual(transferring);
});
