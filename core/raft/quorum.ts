/** What is known of an election so far. */
export type VoteResult = "won" | "lost" | "pending";

/** The smallest count of `voters` that any two sets of that size must share a member of. */
export function majorityOf(voters: number): number {
  return Math.floor(voters / 2) + 1;
}

/** One less than a majority, but somebody: for the bugs that are planted. */
export function tooFewOf(voters: number): number {
  return Math.max(1, majorityOf(voters) - 1);
}

/**
 * The largest value that at least `needed` of `values` have reached: for `values` the match
 * indexes of the voters, the index that a quorum holds. Infinity for no voters, so that the
 * minimum over a joint configuration ignores its empty half. Sorts `values` in place.
 */
export function reachedBy(values: number[], needed: number): number {
  if (values.length === 0) return Number.POSITIVE_INFINITY;
  sortDescending(values);
  return values[needed - 1] ?? 0;
}

/** The state of a vote among `voters`; no voters are always won, as half of a joint vote. */
export function voteResult(
  voters: number,
  granted: number,
  refused: number,
  needed: number,
): VoteResult {
  if (voters === 0 || granted >= needed) return "won";
  return voters - refused < needed ? "lost" : "pending";
}

/** A joint vote is won in both halves, and lost in either (thesis 4.3). */
export function jointResult(incoming: VoteResult, outgoing: VoteResult): VoteResult {
  if (incoming === "lost" || outgoing === "lost") return "lost";
  return incoming === "won" && outgoing === "won" ? "won" : "pending";
}

/** Insertion sort: a handful of numbers, on every acknowledgement, without a comparator's calls. */
function sortDescending(values: number[]): void {
  for (let at = 1; at < values.length; at += 1) {
    const value = values[at] as number;
    let hole = at;
    while (hole > 0 && (values[hole - 1] as number) < value) {
      values[hole] = values[hole - 1] as number;
      hole -= 1;
    }
    values[hole] = value;
  }
}
