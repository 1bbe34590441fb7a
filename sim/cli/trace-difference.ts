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

/** Compares two texts line by line; null when they are the same. */
export function traceDifference(one: string, other: string): TraceDifference | null {
  const [left, right] = [linesOf(one), linesOf(other)];
  const most = Math.max(left.length, right.length);
  for (let at = 0; at < most; at += 1) {
    if (left[at] === right[at]) continue;
    const sides = [left, right].map((lines) => ({
      line: lines[at] ?? null,
      known: knownOf(lines.slice(0, at + 1)),
    }));
    return { line: at + 1, sides };
  }
  return null;
}

function linesOf(text: string): string[] {
  const lines = text.split("\n");
  if (lines.at(-1) === "") lines.pop();
  return lines;
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
function knownOf(lines: readonly string[]): string[] {
  const nodes = new Map<string, Known>();
  for (const line of lines) {
    const event = parsed(line);
    if (event?.channel !== "raft" || typeof event.term !== "number") continue;
    const node = String(event.from);
    const last = nodes.get(node);
    const commit = typeof event.commit === "number" ? event.commit : (last?.commit ?? null);
    const role = rolesBySaying.get(String(event.message)) ?? last?.role ?? "member";
    nodes.set(node, { term: event.term, commit, role });
  }
  const sorted = [...nodes].sort(([left], [right]) => (left < right ? -1 : 1));
  return sorted.map(([node, { role, term, commit }]) => {
    const told = commit === null ? "" : `, commit ${commit}`;
    return `${node}: last heard as ${role} of term ${term}${told}`;
  });
}

function parsed(line: string): Record<string, unknown> | null {
  try {
    const value: unknown = JSON.parse(line);
    return typeof value === "object" && value !== null ? { ...value } : null;
  } catch {
    return null;
  }
}
