import { unreachable } from "../../core/base/assert.ts";
import { nodeOfMember } from "../../core/model/standing.ts";
import type { NodeFrame } from "../../core/observe/frame.ts";
import { type Span, span } from "../line.ts";
import type { Symbols } from "../symbols.ts";

/** How a node is, in a symbol and a word: the machine first, then what the cluster thinks. */
export function nodeState({ machine, record }: NodeFrame, symbols: Symbols): Span {
  switch (machine) {
    case "paused":
      return span(`${symbols.paused} paused`, "warn");
    case "down":
      return span(`${symbols.down} off`, "bad");
    case "refused":
      return span(`${symbols.refused} refused`, "bad");
    case "unknown":
      return span(`${symbols.unknown} unknown`, "warn");
    case "up":
      return recordState(record?.state ?? null, symbols);
    default:
      return unreachable(machine);
  }
}

function recordState(state: string | null, { up, unknown }: Symbols): Span {
  if (state === null) return span(`${up} joining`, "busy");
  if (state === "ready") return span(`${up} ready`, "good");
  return state === "down" ? span(`${up} called down`, "warn") : span(`${unknown} ${state}`, "warn");
}

/** The part that it plays in Raft, in a symbol. */
export function roleSymbol({ raft, record }: NodeFrame, symbols: Symbols): Span {
  const role = raft?.status.role;
  if (role === "leader") return span(symbols.leader, "accent");
  if (role === "candidate" || role === "pre-candidate") return span(symbols.candidate, "warn");
  if (role === "follower" || record?.role === "manager") return span(symbols.follower, "busy");
  return span(symbols.worker, "quiet");
}

const shortRole = {
  leader: "leader",
  candidate: "candidate",
  follower: "follower",
  "pre-candidate": "pre-vote",
} as const;

/** `leader t3`, `follower t3`, `manager`, `worker`. */
export function roleWord({ raft, record }: NodeFrame): string {
  if (raft === null) return record?.role ?? "";
  return `${shortRole[raft.status.role]} t${raft.status.term}`;
}

export function availabilityWord({ record }: NodeFrame): Span {
  const availability = record?.availability ?? "";
  return span(availability, availability === "active" ? "quiet" : "warn");
}

/** The same, and then shorter, for the name matters more: the symbol tells the part. */
export function roleWords(node: NodeFrame): readonly string[] {
  const term = node.raft?.status.term;
  return term === undefined ? [roleWord(node)] : [roleWord(node), `t${term}`];
}

/** What people call the node. */
export function nodeName({ id, record }: NodeFrame): string {
  return record?.hostname || id;
}

/** What people call the node with an id, or a name in Raft; that itself where the node is gone. */
export function namesOf(nodes: readonly NodeFrame[]): (id: string) => string {
  const names = new Map(nodes.map((node) => [node.id, nodeName(node)]));
  return (id) => names.get(nodeOfMember(id)) ?? id;
}
