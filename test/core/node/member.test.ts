import { expect, test } from "vitest";
import type { Moment } from "../../../core/base/time.ts";
import { after, type Duration } from "../../../core/base/time.ts";
import { defaultRaftTiming } from "../../../core/node/config.ts";
import type { NodeOutput } from "../../../core/node/input.ts";
import type { Node } from "../../../core/node/node.ts";
import { RecordedCluster, relived } from "../../support/recorded-cluster.ts";

// Goal: a lease is counted in ticks, so no tick that has passed may be missing when a read comes.
// Method: relive a leader, and ask it a while after the last thing that reached it.

const query = { kind: "list-services" } as const;
const request = { kind: "query", query, consistency: "linearizable" } as const;
const cluster = new RecordedCluster(["m1", "m2", "m3"], [], { reads: "lease" });
cluster.until(40);
const leader = cluster.leader();

/** A leader under whom this many ticks have passed in silence, and the moment. */
function leaderAfter(ticks: number): [Node, Moment] {
  const life = cluster.lives.find(({ config }) => config.id === leader);
  const [, last] = life?.inputs.at(-1) ?? [];
  if (life === undefined || last === undefined) throw new Error("somebody leads after 40 s");
  const { now, calendar } = last;
  const silence = (ticks * defaultRaftTiming.tickInterval) as Duration;
  return [relived(life).node, { now: after(now, silence), calendar }];
}

const isRound = (output: NodeOutput) =>
  output.kind === "send" &&
  output.message.kind === "raft" &&
  output.message.message.kind === "heartbeat";

function asked(ticks: number): { answers: string[]; rounds: number; isLeader: boolean } {
  const [node, moment] = leaderAfter(ticks);
  const outputs = node.step({ kind: "request", token: 7, request }, moment);
  const answers = outputs.flatMap((output) =>
    output.kind === "reply" && output.token === 7 ? [output.reply.kind] : [],
  );
  const isLeader = node.member?.raft.role === "leader";
  return { answers, rounds: outputs.filter(isRound).length, isLeader };
}

test("a leader answers at once while its lease holds, also after a short pause", () => {
  expect(asked(0)).toEqual({ answers: ["result"], rounds: 0, isLeader: true });
  expect(asked(5)).toMatchObject({ answers: ["result"], isLeader: true });
});

test("a leader that has stood still for longer than its lease asks a quorum", () => {
  const { answers, rounds, isLeader } = asked(9);
  expect({ answers, isLeader }).toEqual({ answers: [], isLeader: true });
  // A round to each of two for every tick that was missed, and one for the read.
  expect(rounds).toBe(2 * (9 + 1));
});

test("a leader that has stood still for very long does not lead when it is asked", () => {
  expect(asked(100_000)).toMatchObject({ answers: ["try-again"], isLeader: false });
});

test("a node wakes on its old beat after a pause that it has made up for", () => {
  const [node, moment] = leaderAfter(4);
  node.step({ kind: "wake" }, moment);
  expect(node.deadline).toBeGreaterThan(moment.now);
  expect(node.deadline).toBeLessThanOrEqual(after(moment.now, defaultRaftTiming.tickInterval));
});

test("who waits for a leader hears at once when it is one no more", () => {
  const life = cluster.lives.find(({ config }) => config.id !== leader);
  const [, last] = life?.inputs.at(-1) ?? [];
  if (life === undefined || last === undefined) throw new Error("somebody follows after 40 s");
  const { node } = relived(life);
  const command = { kind: "remove-service", id: "none" } as const;
  const wish = { kind: "command", request: { client: "c", sequence: 1 }, command } as const;
  const asked = node.step({ kind: "request", token: 8, request: wish }, last);
  expect(asked.some(({ kind }) => kind === "reply")).toBe(false);
  const silence = (2 * defaultRaftTiming.electionTicks) as number;
  const replies: NodeOutput[] = [];
  let { now } = last;
  for (let tick = 0; tick < silence && replies.length === 0; tick += 1) {
    now = after(now, defaultRaftTiming.tickInterval);
    const outputs = node.step({ kind: "wake" }, { ...last, now });
    replies.push(...outputs.filter(({ kind }) => kind === "reply"));
  }
  expect(replies).toMatchObject([{ token: 8, reply: { kind: "try-again", leader: null } }]);
});
