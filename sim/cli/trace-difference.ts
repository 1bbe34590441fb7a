import { parsedJson } from "../../core/base/json.ts";
import { sortedBy } from "../../core/base/order.ts";

/** Where two traces part, and what each tells of its nodes up to there. */
export interface TraceDifference {
  /** From 1. */
  readonly line: number;
  readonly sides: readonly TraceSide[];
}

interface TraceSide {
  /** Null: the trace is over. */
  readonly line: string | null;
  /** A line for each node that has been heard of. */
  readonly known: readonly string[];
}

/** The lines of a trace, from the first each time. */
export type Trace = () => Iterator<string>;

/** Compares two traces line by line; null when they are the same. */
export function traceDifference(one: Trace, other: Trace): TraceDifference | null {
  const [left, right] = [one(), other()];
  for (let line = 1; ; line += 1) {
    const [here, there] = [left.next(), right.next()];
    if (here.done === true && there.done === true) return null;
    if (here.value !== there.value)
      return { line, sides: [sideOf(one, line), sideOf(other, line)] };
  }
}

function sideOf(trace: Trace, at: number): TraceSide {
  const lines = trace();
  const nodes = new Map<string, Known>();
  let line: string | null = null;
  for (let number = 1; number <= at; number += 1) {
    const next = lines.next();
    line = next.done === true ? null : next.value;
    if (line !== null) learn(nodes, line);
  }
  return { line, known: knownText(nodes) };
}

/** What a member of Raft has said last of itself. */
interface Known {
  term: number;
  commit: number | null;
  role: string;
}

/** Messages that only one role sends. */
const rolesBySaying = new Map([
  ["append", "leader"],
  ["heartbeat", "leader"],
  ["vote", "candidate"],
  ["pre-vote", "pre-candidate"],
  ["append-response", "follower"],
  ["heartbeat-response", "follower"],
]);

/** A trace holds messages and no states: a node is what it has last said it was. */
function learn(nodes: Map<string, Known>, line: string): void {
  const event = Object(parsedJson(line)) as Readonly<Record<string, unknown>>;
  if (event.channel !== "raft" || typeof event.term !== "number") return;
  const node = String(event.from);
  const last = nodes.get(node);
  const commit = typeof event.commit === "number" ? event.commit : (last?.commit ?? null);
  const role = rolesBySaying.get(String(event.message)) ?? last?.role ?? "member";
  nodes.set(node, { term: event.term, commit, role });
}

function knownText(nodes: ReadonlyMap<string, Known>): string[] {
  return sortedBy([...nodes], ([node]) => node).map(([node, { role, term, commit }]) => {
    const told = commit === null ? "" : `, commit ${commit}`;
    return `${node}: last heard as ${role} of term ${term}${told}`;
  });
}
