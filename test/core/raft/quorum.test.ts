import fc from "fast-check";
import { expect, test } from "vitest";
import {
  jointResult,
  majorityOf,
  reachedBy,
  type VoteResult,
  voteResult,
} from "../../../core/raft/quorum.ts";

// Goal: the arithmetic of votes and commits. Method: compare with the definition, written naively.

function naiveReached(values: readonly number[]): number {
  const candidates = [0, ...values].filter((index) => {
    return values.filter((value) => value >= index).length > values.length / 2;
  });
  return Math.max(0, ...candidates);
}

function naiveVote(votes: ReadonlyArray<boolean | null>): VoteResult {
  const granted = votes.filter((vote) => vote === true).length;
  const missing = votes.filter((vote) => vote === null).length;
  if (granted > votes.length / 2) return "won";
  return granted + missing > votes.length / 2 ? "pending" : "lost";
}

const matches = fc.array(fc.nat(20), { minLength: 1, maxLength: 9 });
const votes = fc.array(fc.constantFrom(true, false, null), { minLength: 1, maxLength: 9 });

test("a quorum's index is the largest that a majority has reached", () => {
  fc.assert(
    fc.property(matches, (values) => {
      expect(reachedBy([...values], majorityOf(values.length))).toBe(naiveReached(values));
    }),
  );
});

test("a joint configuration commits what both of its halves have reached", () => {
  fc.assert(
    fc.property(matches, matches, (incoming, outgoing) => {
      const both = Math.min(
        reachedBy([...incoming], majorityOf(incoming.length)),
        reachedBy([...outgoing], majorityOf(outgoing.length)),
      );
      expect(both).toBe(Math.min(naiveReached(incoming), naiveReached(outgoing)));
    }),
  );
});

test("a vote is won by a majority, and lost once a majority cannot be reached", () => {
  fc.assert(
    fc.property(votes, (cast) => {
      const granted = cast.filter((vote) => vote === true).length;
      const refused = cast.filter((vote) => vote === false).length;
      const result = voteResult(cast.length, granted, refused, majorityOf(cast.length));
      expect(result).toBe(naiveVote(cast));
    }),
  );
});

test("a joint vote is won in both halves and lost in either", () => {
  expect(jointResult("won", "won")).toBe("won");
  expect(jointResult("won", "pending")).toBe("pending");
  expect(jointResult("lost", "pending")).toBe("lost");
  expect(jointResult("won", "lost")).toBe("lost");
});

test("the empty half of a configuration that is not joint never stands in the way", () => {
  expect(reachedBy([], majorityOf(0))).toBe(Number.POSITIVE_INFINITY);
  expect(voteResult(0, 0, 0, majorityOf(0))).toBe("won");
});
