import type { ConfigChange, Entry, RaftInput, RaftOptions } from "../../core/raft/driver.ts";
import { emptyDurable } from "../../core/raft/driver.ts";
import type { Arguments } from "./arguments.ts";
import type { Cluster, MessageFilter } from "./cluster.ts";
import type { Text } from "./format.ts";
import { logTerms, messages, raftLog, raftState, status } from "./tables.ts";

/** Carries out one command; what it shows goes to the trace. */
export type Verb = (cluster: Cluster, args: Arguments) => void;

/** More messages than this in one `stabilize` mean that it never ends. */
const stabilizeMax = 2_000;

const stepKinds = ["add-voter", "add-learner", "remove"] as const;

/** What stories can say. `README.md` describes each. */
export const clusterVerbs: Readonly<Record<string, Verb>> = {
  "add-nodes": addNodes,
  "set-disk": setDisk,
  "election-timeout": electionTimeout,
  campaign: input((args) => [args.word("member"), { kind: "campaign" }]),
  "tick-election": (cluster, args) => tickBy(cluster, args, "electionTicks"),
  "tick-heartbeat": (cluster, args) => tickBy(cluster, args, "heartbeatTicks"),
  tick: (cluster, args) => tick(cluster, args.word("member"), args.number("ticks")),
  deliver,
  drop,
  delay,
  release,
  messages: (cluster) => show(cluster, messages(cluster)),
  stabilize,
  propose,
  "propose-conf-change": proposeConfChange,
  "transfer-leadership": input((args) => {
    return [args.word("member"), { kind: "transfer", to: args.word("target") }];
  }),
  "forget-leader": input((args) => [args.word("member"), { kind: "forget-leader" }]),
  "read-index": input((args) => {
    return [args.word("member"), { kind: "read", readContext: args.number("read") }];
  }),
  unreachable: input((args) => {
    return [args.word("member"), { kind: "unreachable", member: args.word("other") }];
  }),
  "snapshot-failed": input((args) => {
    return [args.word("member"), { kind: "snapshot-failed", member: args.word("other") }];
  }),
  compact,
  crash,
  restart: (cluster, args) => restart(cluster, args.word("member")),
  "hold-writes": (cluster, args) => holdWrites(cluster, args.words()),
  "ack-write": ackWrite,
  "release-writes": (cluster, args) => releaseWrites(cluster, args.words()),
  "raft-state": (cluster, args) => show(cluster, chosen(cluster, args).map(raftState)),
  "raft-log": (cluster, args) => show(cluster, raftLog(cluster, args.word("member"))),
  "log-terms": (cluster, args) => show(cluster, chosen(cluster, args).map(logTerms)),
  status: (cluster, args) => show(cluster, status(cluster, args.word("member"))),
};

function input(read: (args: Arguments) => [id: string, input: RaftInput]): Verb {
  return (cluster, args) => cluster.step(...read(args));
}

function show(cluster: Cluster, lines: readonly string[]): void {
  for (const line of lines) cluster.note(line);
}

/** The first members make the cluster; later ones join, from the same start or knowing nobody. */
function addNodes(cluster: Cluster, args: Arguments): void {
  const first = [...cluster.members.values()][0];
  const unknown = args.flag("unknown");
  const learners = args.list("learners");
  const options = first?.options ?? readOptions(args);
  const ids = args.words();
  const start = emptyDurable(ids, learners);
  const { bootstrap } = unknown ? emptyDurable([]) : (first?.durable ?? start);
  for (const id of [...ids, ...learners]) {
    if (!/^[a-z]$/.test(id)) throw new Error(`a member is named by one letter, not ${id}`);
    cluster.add(id, { ...start, bootstrap }, options);
  }
}

function readOptions(args: Arguments): RaftOptions {
  const numbers = {
    electionTicks: args.numberOption("election"),
    heartbeatTicks: args.numberOption("heartbeat"),
    maxClockDriftPpm: args.numberOption("drift-ppm"),
    maxMessageBytes: args.numberOption("message-bytes"),
    maxInflightMessages: args.numberOption("inflight"),
    maxInflightBytes: args.numberOption("inflight-bytes"),
    maxUncommittedBytes: args.numberOption("uncommitted-bytes"),
  };
  const given = Object.entries(numbers).filter(([, value]) => value !== null);
  return {
    preVote: args.flag("pre-vote"),
    checkQuorum: args.flag("check-quorum"),
    reads: args.flag("lease-reads") ? "lease" : "safe",
    ...Object.fromEntries(given),
  };
}

/**
 * Puts other things on a member's disk, and starts it from there: a log of one payload for each
 * term named, `term` and `vote`. What is not named stays.
 */
function setDisk(cluster: Cluster, args: Arguments): void {
  const member = cluster.member(args.word("member"));
  const { hardState, entries } = member.durable;
  const vote = args.option("vote");
  const named = args.numberOption("term");
  const log = args.words().map((word, at): Entry => {
    const payload: Text = { size: 1, text: `${word}.${at + 1}` };
    return { kind: "payload", term: Number(word), index: at + 1, payload };
  });
  const term = named ?? log.at(-1)?.term ?? hardState.term;
  const kept = log.length > 0 ? log : entries;
  member.durable = { ...member.durable, hardState: { term, vote }, entries: kept };
  member.writes = [];
  member.raft = null;
  cluster.start(member.id);
}

function electionTimeout(cluster: Cluster, args: Arguments): void {
  const member = cluster.member(args.word("member"));
  const ticks = args.number("ticks");
  const shortest = member.options.electionTicks ?? 10;
  if (ticks < shortest || ticks >= 2 * shortest) throw new Error("no such timeout is ever drawn");
  member.timeoutExtra = ticks - shortest;
}

function tickBy(cluster: Cluster, args: Arguments, key: "electionTicks" | "heartbeatTicks"): void {
  const id = args.word("member");
  const usual = key === "electionTicks" ? 10 : 1;
  tick(cluster, id, cluster.member(id).options[key] ?? usual);
}

function tick(cluster: Cluster, id: string, ticks: number): void {
  for (let at = 0; at < ticks; at += 1) cluster.step(id, { kind: "tick" });
}

function filterOf(args: Arguments): MessageFilter {
  return {
    from: args.option("from"),
    to: args.option("to"),
    kind: args.option("kind"),
  };
}

function countOf(args: Arguments): number {
  return args.numberOption("first") ?? Number.POSITIVE_INFINITY;
}

/** Delivers what is on its way now, not what that brings about. `keep` leaves a copy on its way. */
function deliver(cluster: Cluster, args: Arguments): void {
  const keep = args.flag("keep");
  const messages = cluster.take(filterOf(args), countOf(args));
  if (keep) cluster.mail.push(...messages);
  for (const message of messages) cluster.deliver(message);
}

function drop(cluster: Cluster, args: Arguments): void {
  const messages = cluster.take(filterOf(args), countOf(args));
  for (const { from, to, kind } of messages) cluster.note(`dropped: ${from} -> ${to} ${kind}`);
}

function delay(cluster: Cluster, args: Arguments): void {
  const messages = cluster.take(filterOf(args), countOf(args));
  cluster.delayed.push(...messages);
  for (const { from, to, kind } of messages) cluster.note(`delayed: ${from} -> ${to} ${kind}`);
}

function release(cluster: Cluster): void {
  const messages = cluster.delayed.splice(0);
  cluster.mail.push(...messages);
  for (const { from, to, kind } of messages) cluster.note(`released: ${from} -> ${to} ${kind}`);
}

/** Delivers until nothing is on its way to `members` (by default to anyone). */
function stabilize(cluster: Cluster, args: Arguments): void {
  const named = args.words();
  for (let count = 0; count < stabilizeMax; count += 1) {
    const next = cluster.mail.find(({ to }) => named.length === 0 || named.includes(to));
    if (next === undefined) return;
    cluster.mail = cluster.mail.filter((message) => message !== next);
    cluster.deliver(next);
  }
  throw new Error(`messages are still on their way after ${stabilizeMax} deliveries`);
}

function propose(cluster: Cluster, args: Arguments): void {
  const id = args.word("member");
  const size = args.numberOption("size") ?? 1;
  for (const text of args.words()) {
    const payload: Text = { size, text };
    cluster.step(id, { kind: "propose", payload });
  }
}

function proposeConfChange(cluster: Cluster, args: Arguments): void {
  const id = args.word("member");
  cluster.step(id, { kind: "propose-config", change: changeOf(args) });
}

export function changeOf(args: Arguments): ConfigChange {
  const transition = args.option("transition") ?? "auto";
  if (transition !== "auto" && transition !== "joint-implicit" && transition !== "joint-explicit") {
    throw new Error(`there is no transition ${transition}`);
  }
  const steps = args.optionsIn(stepKinds).map(([key, member]) => {
    const kind = stepKinds.find((known) => known === key) ?? "remove";
    return { kind, member };
  });
  if (steps.length === 0 && !args.flag("leave")) throw new Error("a change changes something");
  return { transition, steps };
}

function compact(cluster: Cluster, args: Arguments): void {
  const id = args.word("member");
  const index = args.number("index");
  const keepFrom = args.numberOption("keep-from") ?? index + 1;
  const payload: Text = { size: 1, text: `state at ${index}` };
  cluster.step(id, { kind: "compact", index, keepFrom, payload });
}

function crash(cluster: Cluster, args: Arguments): void {
  const id = args.word("member");
  const torn = args.flag("torn");
  const kept = args.numberOption("keeps") ?? 0;
  const lost = cluster.member(id).writes.slice(kept);
  cluster.crash(id, kept);
  for (const write of lost) {
    const how = torn && write === lost[0] ? "torn, so cut off at the restart" : "lost";
    cluster.note(`write #${write.id} is ${how}`);
  }
}

function restart(cluster: Cluster, id: string): void {
  cluster.start(id);
  cluster.note(raftState(cluster.member(id)));
}

function holdWrites(cluster: Cluster, ids: readonly string[]): void {
  for (const id of ids) cluster.member(id).holdsWrites = true;
}

function ackWrite(cluster: Cluster, args: Arguments): void {
  const id = args.word("member");
  cluster.acknowledge(id, args.numberOption("first") ?? 1);
}

function releaseWrites(cluster: Cluster, ids: readonly string[]): void {
  for (const id of ids) {
    const member = cluster.member(id);
    member.holdsWrites = false;
    cluster.acknowledge(id, member.writes.length);
  }
}

function chosen(cluster: Cluster, args: Arguments): ReturnType<Cluster["member"]>[] {
  const ids = args.words();
  if (ids.length === 0) return [...cluster.members.values()];
  return ids.map((id) => cluster.member(id));
}
