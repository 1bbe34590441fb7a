import { expect, test } from "vitest";
import type { ConfigChange, Entry, RaftMessage } from "../../../core/raft/message.ts";
import { beat, Cluster, numbered, three } from "./cluster.ts";

// Goal: the rules of the protocol, one by one. Method: a few members whose messages and disks
// the test moves by hand.

const kinds = (cluster: Cluster): string[] => cluster.messages.map(({ kind }) => kind);

const addVoter = (member: string): ConfigChange => {
  return { transition: "auto", steps: [{ kind: "add-voter", member }] };
};

const remove = (member: string): ConfigChange => {
  return { transition: "auto", steps: [{ kind: "remove", member }] };
};

test("a candidate asks for votes only once its own vote is durable", () => {
  const cluster = three({ instantDisk: false });
  cluster.step("a", { kind: "campaign" });
  expect(cluster.messages).toEqual([]);
  cluster.flush("a");
  expect(kinds(cluster)).toEqual(["vote", "vote"]);
});

test("a vote is answered only once it is durable", () => {
  const cluster = three({ instantDisk: false });
  cluster.step("a", { kind: "campaign" });
  cluster.flush("a");
  cluster.deliver(cluster.messages[0] as RaftMessage);
  expect(kinds(cluster)).not.toContain("vote-response");
  cluster.flush("b");
  expect(kinds(cluster)).toContain("vote-response");
});

test("a voter alone elects itself and commits after its own write", () => {
  const cluster = new Cluster({ voters: ["a"], instantDisk: false });
  cluster.step("a", { kind: "campaign" });
  expect(cluster.raft("a").role).toBe("candidate");
  cluster.flush("a");
  expect(cluster.raft("a").role).toBe("leader");
  cluster.propose("a", 1);
  cluster.flush("a");
  expect(cluster.numbersApplied("a")).toEqual([1]);
});

test("a leader counts itself only once its own write is durable", () => {
  const cluster = three({ instantDisk: false });
  cluster.elect("a");
  const { commit } = cluster.raft("a");
  cluster.propose("a", 1);
  const [append] = cluster.messages.filter(({ to }) => to === "b");
  cluster.messages = [];
  cluster.deliver(append as RaftMessage);
  cluster.flush("b");
  cluster.deliver(cluster.messages[0] as RaftMessage);
  expect(cluster.raft("a").commit).toBe(commit);
  cluster.flush("a");
  expect(cluster.raft("a").commit).toBe(commit + 1);
});

test("a leader may commit before its own disk has the entry, but does not apply it", () => {
  const cluster = three({ instantDisk: false });
  cluster.elect("a");
  cluster.propose("a", 1);
  for (const message of cluster.messages.splice(0)) cluster.deliver(message);
  cluster.flush("b");
  cluster.flush("c");
  for (const message of cluster.messages.splice(0)) cluster.deliver(message);
  const raft = cluster.raft("a");
  expect(raft.commit).toBe(raft.lastIndex);
  expect(cluster.numbersApplied("a")).toEqual([]);
  cluster.flush("a");
  expect(cluster.numbersApplied("a")).toEqual([1]);
});

test("the acknowledgement of a write does not vouch for what has replaced it since", () => {
  const cluster = three({ instantDisk: false });
  const append = (term: number, prevIndex: number, prevTerm: number, terms: number[]): void => {
    const entries = terms.map((each, at): Entry => {
      return { kind: "empty", term: each, index: prevIndex + 1 + at };
    });
    const rest = { from: "a", to: "b", term, prevIndex, prevTerm, entries, commit: 0 };
    cluster.deliver({ kind: "append", ...rest });
  };
  append(1, 0, 0, [1, 1, 1]);
  append(2, 0, 0, [2]);
  append(3, 0, 0, [1, 1, 1, 3]);
  cluster.flush("b", 1);
  expect(cluster.raft("b").stable, "the same entries, but they will be cut off again").toBe(0);
  cluster.flush("b", 1);
  expect(cluster.raft("b").stable).toBe(0);
  cluster.flush("b", 1);
  expect(cluster.raft("b").stable).toBe(4);
});

test("a leader commits an older term's entries only with one of its own (figure 8)", () => {
  const cluster = three();
  cluster.elect("a");
  cluster.propose("a", 1);
  cluster.settle(({ kind, to }) => kind === "append-response" || to === "c");
  cluster.crash("a");
  cluster.step("b", { kind: "campaign" });
  cluster.settle(({ kind, entries }: RaftMessage & { entries?: readonly Entry[] }) => {
    return kind === "append" && (entries?.length ?? 0) > 1;
  });
  expect(cluster.raft("b").role).toBe("leader");
  expect(cluster.numbersApplied("b")).toEqual([]);
  beat(cluster, "b", 2);
  expect(cluster.numbersApplied("b")).toEqual([1]);
});

test("a follower commits no further than the append reaches that it agreed to", () => {
  const cluster = three();
  cluster.elect("a");
  for (const number of [1, 2, 3]) cluster.propose("a", number);
  cluster.settle(({ kind, to }) => kind === "append-response" || to === "c");
  const one: Entry = { kind: "payload", index: 2, term: 2, payload: numbered(9) };
  const append = { kind: "append", from: "c", to: "b", term: 2, prevTerm: 1, commit: 4 } as const;
  cluster.deliver({ ...append, prevIndex: 1, entries: [] });
  expect(cluster.numbersApplied("b")).toEqual([]);
  cluster.deliver({ ...append, prevIndex: 1, entries: [one] });
  expect(cluster.numbersApplied("b")).toEqual([9]);
});

test("a refused append skips whole terms (fast rejection)", () => {
  const cluster = three();
  cluster.elect("a");
  for (let at = 0; at < 50; at += 1) cluster.propose("a", at);
  cluster.messages = [];
  cluster.crash("a");
  cluster.elect("b");
  cluster.restart("a");
  let appends = 0;
  cluster.tick("b");
  cluster.settle(({ kind, to }) => {
    if (kind === "append" && to === "a") appends += 1;
    return false;
  });
  expect(cluster.raft("a").lastIndex).toBe(cluster.raft("b").lastIndex);
  expect(appends).toBeLessThan(6);
});

test("appends stop at the limit of messages on their way and go on with the answers", () => {
  const cluster = three({ config: { maxInflightMessages: 2 } });
  cluster.elect("a");
  cluster.messages = [];
  for (let at = 0; at < 5; at += 1) cluster.propose("a", at);
  expect(cluster.messages.filter(({ to }) => to === "b")).toHaveLength(2);
  cluster.settle();
  expect(cluster.numbersApplied("b")).toEqual([0, 1, 2, 3, 4]);
});

test("a follower whose appends are lost is repaired by heartbeats", () => {
  const cluster = three();
  cluster.elect("a");
  for (let at = 0; at < 5; at += 1) cluster.propose("a", at);
  cluster.messages = cluster.messages.filter(({ to }) => to !== "c");
  cluster.settle();
  beat(cluster, "a", 3);
  expect(cluster.numbersApplied("c")).toEqual([0, 1, 2, 3, 4]);
});

test("a proposal beyond the uncommitted bytes is refused, but any one fits an empty tail", () => {
  const cluster = three({ config: { maxUncommittedBytes: 10 } });
  cluster.elect("a");
  expect(cluster.propose("a", 1, 100)).toContainEqual({ kind: "proposed", index: 2, term: 1 });
  const reason = "too-many-uncommitted-bytes";
  expect(cluster.propose("a", 2, 1)).toEqual([{ kind: "refused", reason }]);
  cluster.settle();
  expect(cluster.propose("a", 3, 1)).toContainEqual({ kind: "proposed", index: 3, term: 1 });
});

test("a follower does not lead when its log is behind", () => {
  const cluster = three();
  cluster.elect("a");
  cluster.propose("a", 1);
  cluster.settle(({ to }) => to === "c");
  cluster.elect("c");
  expect(cluster.raft("c").role).not.toBe("leader");
});

test("a pre-vote changes neither the term nor the vote", () => {
  const cluster = three({ config: { preVote: true, checkQuorum: true } });
  cluster.elect("a");
  cluster.crash("a");
  cluster.tick("c", 20);
  expect(cluster.raft("c").role).toBe("pre-candidate");
  expect(cluster.raft("c").term).toBe(1);
  cluster.settle();
  expect(cluster.raft("b").status()).toMatchObject({ term: 1, vote: "a" });
});

test("nobody grants a vote while the leader is heard", () => {
  const cluster = three({ config: { checkQuorum: true } });
  cluster.elect("a");
  cluster.elect("c");
  expect(cluster.raft("a").role).toBe("leader");
  expect(cluster.raft("b").term).toBe(1);
});

test("pre-candidates of unequal terms and logs find a leader (etcd#8501)", () => {
  const cluster = three({ config: { preVote: true } });
  cluster.elect("a");
  cluster.propose("a", 1);
  cluster.settle(({ to }) => to === "c");
  cluster.host("c").disk.hardState = { term: 7, vote: null };
  cluster.crash("c");
  cluster.restart("c");
  cluster.crash("a");
  for (let round = 0; round < 100; round += 1) {
    cluster.tick("b");
    cluster.tick("c");
    cluster.settle();
  }
  expect(cluster.raft("b").role).toBe("leader");
});

test("a leader that hears from no quorum steps down", () => {
  const cluster = three({ config: { checkQuorum: true } });
  cluster.elect("a");
  cluster.tick("a", 20);
  expect(cluster.raft("a").role).toBe("follower");
});

test("a follower may forget its leader and let another be elected", () => {
  const cluster = three({ config: { checkQuorum: true, preVote: true } });
  cluster.elect("a");
  cluster.step("b", { kind: "forget-leader" });
  cluster.step("c", { kind: "forget-leader" });
  cluster.elect("c");
  expect(cluster.raft("c").role).toBe("leader");
});

test("a restarted member keeps its term and vote, and applies from its snapshot on", () => {
  const cluster = three();
  cluster.elect("a");
  for (let at = 1; at <= 4; at += 1) cluster.propose("a", at);
  cluster.settle();
  cluster.step("a", { kind: "compact", index: 3, keepFrom: 1, payload: numbered(0) });
  cluster.crash("a");
  cluster.restart("a");
  expect(cluster.raft("a").status()).toMatchObject({ term: 1, vote: "a", applied: 3, stable: 5 });
  cluster.elect("a");
  expect(cluster.numbersApplied("a")).toEqual([3, 4]);
});

test("a follower behind the compacted log gets a snapshot, then the rest", () => {
  const cluster = three();
  cluster.elect("a");
  for (let at = 1; at <= 4; at += 1) cluster.propose("a", at);
  cluster.settle(({ to }) => to === "c");
  cluster.step("a", { kind: "compact", index: 4, keepFrom: 5, payload: numbered(0) });
  beat(cluster, "a", 3);
  expect(cluster.host("c").restoredAt).toBe(4);
  expect(cluster.numbersApplied("c")).toEqual([4]);
});

test("a snapshot that is lost is sent again", () => {
  const cluster = three();
  cluster.elect("a");
  for (let at = 1; at <= 4; at += 1) cluster.propose("a", at);
  cluster.settle(({ to }) => to === "c");
  cluster.step("a", { kind: "compact", index: 4, keepFrom: 5, payload: numbered(0) });
  cluster.tick("a");
  cluster.settle(({ kind }) => kind === "snapshot");
  expect(cluster.raft("a").progress()[1]).toMatchObject({ member: "c", state: "snapshot" });
  beat(cluster, "a", 25);
  expect(cluster.raft("c").applied).toBe(cluster.raft("a").applied);
});

test("nothing is applied while a received snapshot is being written", () => {
  const cluster = three({ instantDisk: false });
  const snapshot = { index: 9, term: 1, membership: cluster.host("a").membership };
  const message = { from: "a", to: "c", term: 1, snapshot: { ...snapshot, payload: numbered(0) } };
  cluster.deliver({ kind: "snapshot", ...message });
  expect(cluster.raft("c").status()).toMatchObject({ commit: 9, applied: 0, stable: 0 });
  cluster.flush("c");
  expect(cluster.raft("c").status()).toMatchObject({ commit: 9, applied: 9, stable: 9 });
});

test("a new voter counts at once, and catches up", () => {
  const cluster = new Cluster({ voters: ["a"], spares: ["b"] });
  cluster.elect("a");
  cluster.step("a", { kind: "propose-config", change: addVoter("b") });
  expect(cluster.raft("a").commit).toBe(1);
  cluster.settle();
  beat(cluster, "a", 2);
  expect(cluster.host("b").membership.voters).toEqual(["a", "b"]);
});

test("no change of membership before the last one is applied, nor before an own entry is", () => {
  const cluster = three({ spares: ["d"] });
  const pending = { kind: "refused", reason: "config-change-pending" };
  cluster.step("a", { kind: "campaign" });
  cluster.settle(({ kind }) => kind === "append");
  const change = addVoter("d");
  expect(cluster.step("a", { kind: "propose-config", change })).toEqual([pending]);
  beat(cluster, "a", 2);
  expect(cluster.step("a", { kind: "propose-config", change })[0]?.kind).toBe("write");
  expect(cluster.step("a", { kind: "propose-config", change })).toEqual([pending]);
});

test("a leader that is removed steps down, and the rest go on", () => {
  const cluster = three({ config: { checkQuorum: true, preVote: true } });
  cluster.elect("a");
  cluster.step("a", { kind: "propose-config", change: remove("a") });
  cluster.settle();
  expect(cluster.raft("a").role).toBe("follower");
  cluster.step("a", { kind: "campaign" });
  expect(cluster.raft("a").role).toBe("follower");
  for (let round = 0; round < 60; round += 1) {
    for (const id of ["a", "b", "c"]) cluster.tick(id);
    cluster.settle();
  }
  expect(cluster.leader()).not.toBe("a");
  expect(cluster.leader()).not.toBeNull();
});

test("who leaves is told of it once, even with appends on the way to it", () => {
  const cluster = three();
  cluster.elect("a");
  cluster.step("a", { kind: "propose-config", change: remove("c") });
  cluster.propose("a", 1);
  for (const message of cluster.messages.splice(0)) {
    if (message.to === "b") cluster.deliver(message);
  }
  for (const message of cluster.messages.splice(0)) cluster.deliver(message);
  const told = cluster.messages.filter(({ to }) => to === "c");
  expect(told).toMatchObject([{ kind: "append", entries: [], commit: 2 }]);
  const idle = three();
  idle.elect("a");
  idle.step("a", { kind: "propose-config", change: remove("c") });
  const counted: string[] = [];
  idle.settle((message) => {
    if (message.kind === "append" && message.entries.length === 0) counted.push(message.to);
    return false;
  });
  expect(counted.sort()).toEqual(["b", "c"]);
});

test("a joint configuration needs both halves, and is left by itself", () => {
  const cluster = new Cluster({ voters: ["a", "b", "c"], spares: ["d", "e"] });
  cluster.elect("a");
  const steps = [
    { kind: "add-voter", member: "d" },
    { kind: "add-voter", member: "e" },
    { kind: "remove", member: "b" },
    { kind: "remove", member: "c" },
  ] as const;
  cluster.step("a", { kind: "propose-config", change: { transition: "auto", steps } });
  cluster.settle(({ to }) => to === "d" || to === "e");
  expect(cluster.host("a").membership.outgoing, "not committed by the old half").toEqual([]);
  beat(cluster, "a", 5);
  expect(cluster.host("a").membership).toMatchObject({ voters: ["a", "d", "e"], outgoing: [] });
});

test("leadership is handed over once the target's log is complete", () => {
  const cluster = three({ config: { checkQuorum: true, preVote: true } });
  cluster.elect("a");
  cluster.step("a", { kind: "transfer", to: "b" });
  expect(cluster.propose("a", 1)).toEqual([{ kind: "refused", reason: "transferring" }]);
  cluster.settle();
  expect(cluster.leader()).toBe("b");
});

test("a transfer that takes longer than an election timeout is given up", () => {
  const cluster = three();
  cluster.elect("a");
  cluster.step("a", { kind: "transfer", to: "b" });
  cluster.messages = [];
  cluster.tick("a", 10);
  expect(cluster.propose("a", 1)).toContainEqual({ kind: "proposed", index: 2, term: 1 });
});

test("the same inputs give the same outputs", () => {
  const run = (): string => {
    const cluster = three({ seed: 5 });
    for (let round = 0; round < 40; round += 1) {
      for (const id of ["a", "b", "c"]) cluster.tick(id);
      cluster.settle();
      const leader = cluster.leader();
      if (leader !== null) cluster.propose(leader, round);
    }
    return JSON.stringify([...cluster.hosts.values()].map(({ events }) => events));
  };
  expect(run()).toBe(run());
});
