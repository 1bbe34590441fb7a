import { unreachable } from "../../core/base/assert.ts";
import type {
  ConfigChange,
  ConfigStep,
  Entry,
  Membership,
  Payload,
  RaftMessage,
  RaftOutput,
  RaftWrite,
  Snapshot,
} from "../../core/raft/driver.ts";

/** A payload that a reader can tell apart. */
export interface Text extends Payload {
  readonly text: string;
}

const signs: Readonly<Record<ConfigStep["kind"], string>> = {
  "add-voter": "+",
  "add-learner": "~",
  remove: "-",
};

/** What a member asks its host to do; a position in the log is written `index/term`. */
export function describeOutput(output: RaftOutput): string {
  switch (output.kind) {
    case "write":
      return `writes #${output.write.id}: ${describeWrite(output.write)}`;
    case "send":
      return `${output.message.from} -> ${output.message.to} ${describeMessage(output.message)}`;
    case "restore":
      return `restores snapshot ${describeSnapshot(output.snapshot)}`;
    case "apply":
      return `applies ${describeEntries(output.entries)}`;
    case "membership":
      return `membership: ${describeMembership(output.membership)}`;
    case "role":
      return `is ${describeRole(output.role, output.leader)} in term ${output.term}`;
    case "lost-entries":
      return `has acknowledged up to ${output.acknowledged}, and holds up to ${output.held}`;
    case "proposed":
      return `proposed as ${output.index}/${output.term}`;
    case "refused":
      return `refused: ${output.reason}`;
    case "read-ready":
      return `read ${output.readContext} is ready at ${output.index}`;
    case "read-failed":
      return `read ${output.readContext} failed`;
    default:
      return unreachable(output);
  }
}

export function describeMessage(message: RaftMessage): string {
  const start = `${message.kind} t${message.term}`;
  switch (message.kind) {
    case "vote":
    case "pre-vote": {
      const transfer = message.transfer ? ", by transfer" : "";
      return `${start}, log ends ${message.lastIndex}/${message.lastTerm}${transfer}`;
    }
    case "vote-response":
    case "pre-vote-response":
      return `${start} ${message.granted ? "granted" : "refused"}`;
    case "append": {
      const after = `after ${message.prevIndex}/${message.prevTerm}`;
      return `${start} ${after}: ${describeEntries(message.entries)}; commit ${message.commit}`;
    }
    case "append-response": {
      if (!message.rejected) return `${start} accepts ${message.index}`;
      return `${start} refuses ${message.index}, hint ${message.hintIndex}/${message.hintTerm}`;
    }
    case "heartbeat":
      return `${start} commit ${message.commit}, round ${message.readContext}`;
    case "heartbeat-response":
      return `${start} round ${message.readContext}`;
    case "snapshot":
      return `${start} ${describeSnapshot(message.snapshot)}`;
    case "timeout-now":
      return start;
    case "read-index":
      return `${start} read ${message.readContext}`;
    case "read-index-response":
      return `${start} read ${message.readContext} ${readResult(message.index)}`;
    default:
      return unreachable(message);
  }
}

export function describeEntry(entry: Entry): string {
  return `${entry.index}/${entry.term} ${describeData(entry)}`;
}

export function describeMembership(membership: Membership): string {
  const { voters, outgoing, learners, learnersNext, autoLeave } = membership;
  const parts = [`voters ${voters.join(" ") || "unknown"}`];
  if (outgoing.length > 0) parts.push(`outgoing ${outgoing.join(" ")}`);
  if (learners.length > 0) parts.push(`learners ${learners.join(" ")}`);
  if (learnersNext.length > 0) parts.push(`learners next ${learnersNext.join(" ")}`);
  if (autoLeave) parts.push("leaves by itself");
  return parts.join("; ");
}

export function describeRole(role: string, leader: string | null): string {
  if (role !== "follower") return role;
  return leader === null ? "follower of nobody" : `follower of ${leader}`;
}

function readResult(index: number | null): string {
  return index === null ? "failed" : `at ${index}`;
}

function describeEntries(entries: readonly Entry[]): string {
  return entries.map(describeEntry).join(", ") || "nothing";
}

function describeData(entry: Entry): string {
  switch (entry.kind) {
    case "empty":
      return "empty";
    case "payload":
      return `"${(entry.payload as Text).text}"`;
    case "config":
      return describeChange(entry.change);
    default:
      return unreachable(entry);
  }
}

function describeChange({ transition, steps }: ConfigChange): string {
  if (steps.length === 0) return "leave";
  const words = steps.map(({ kind, member }) => `${signs[kind]}${member}`);
  return `${words.join(" ")}${transition === "auto" ? "" : ` ${transition}`}`;
}

function describeWrite({ hardState, snapshot, entries, compactTo }: RaftWrite): string {
  const parts: string[] = [];
  if (hardState !== null) parts.push(`term ${hardState.term}, vote ${hardState.vote ?? "none"}`);
  if (snapshot !== null) parts.push(`snapshot ${describeSnapshot(snapshot)}`);
  if (entries.length > 0) parts.push(describeEntries(entries));
  if (compactTo > 0) parts.push(`drop before ${compactTo}`);
  return parts.join("; ");
}

function describeSnapshot({ index, term, membership }: Snapshot): string {
  return `${index}/${term} (${describeMembership(membership)})`;
}
