import fc from "fast-check";
import { expect, test } from "vitest";
import { changed, simpleMembership } from "../../../core/raft/membership.ts";
import type { ConfigChange, ConfigStep, Membership } from "../../../core/raft/message.ts";
import { jointResult, majorityOf, voteResult } from "../../../core/raft/quorum.ts";

// Goal: simple changes one by one and one joint change of the same steps come to the same, and any
// two memberships that follow each other share a member of every two quorums (thesis 4.1, 4.3).
// Method: random chains against a naive model, which writes down a role for everyone, and a look at
// every set of members there is.

type Transition = ConfigChange["transition"];
type Role = "voter" | "learner";

/** Who is what in the end, and who has to agree until then; `old` is null unless joint. */
interface Naive {
  readonly roles: ReadonlyMap<string, Role>;
  readonly old: ReadonlySet<string> | null;
  readonly autoLeave: boolean;
}

const members = ["a", "b", "c", "d", "e", "f"];
const leave: ConfigChange = { transition: "auto", steps: [] };

function naiveOf({ voters, learners }: Membership): Naive {
  const voting = voters.map((member) => [member, "voter"] as const);
  const learning = learners.map((member) => [member, "learner"] as const);
  return { roles: new Map<string, Role>([...voting, ...learning]), old: null, autoLeave: false };
}

/** What a change makes of a membership; null when it is none. */
function naiveChanged({ roles, old }: Naive, { steps, transition }: ConfigChange): Naive | null {
  if (steps.length === 0) return old === null ? null : { roles, old: null, autoLeave: false };
  if (old !== null) return null;
  const after = new Map(roles);
  for (const { kind, member } of steps) {
    if (kind === "remove") after.delete(member);
    else after.set(member, kind === "add-voter" ? "voter" : "learner");
  }
  if (![...after.values()].includes("voter")) return null;
  const isJoint = transition !== "auto" || steps.length > 1;
  const voted = [...roles.keys()].filter((member) => roles.get(member) === "voter");
  const autoLeave = isJoint && transition !== "joint-explicit";
  return { roles: after, old: isJoint ? new Set(voted) : null, autoLeave };
}

/** A learner who still votes in the old half waits for the joint configuration to be left. */
function written({ roles, old, autoLeave }: Naive): Membership {
  const those = (role: Role) => members.filter((member) => roles.get(member) === role);
  const isOld = (member: string) => old?.has(member) === true;
  return {
    voters: those("voter"),
    outgoing: members.filter(isOld),
    learners: those("learner").filter((member) => !isOld(member)),
    learnersNext: those("learner").filter(isOld),
    autoLeave,
  };
}

/** A majority of the new voters and, in a joint configuration, of the old ones. */
function isQuorum({ voters, outgoing }: Membership, set: ReadonlySet<string>): boolean {
  return [voters, outgoing]
    .filter((half) => half.length > 0)
    .every((half) => half.filter((member) => set.has(member)).length * 2 > half.length);
}

/** Every set of members. */
const sets = Array.from({ length: 2 ** members.length }, (_, bits) => {
  return new Set(members.filter((_member, at) => ((bits >> at) & 1) === 1));
});

/** Two that share nobody; null when any two quorums meet. */
function disjoint(left: Membership, right: Membership): ReadonlySet<string> | null {
  const others = (set: ReadonlySet<string>) => new Set(members.filter((each) => !set.has(each)));
  return sets.find((set) => isQuorum(left, set) && isQuorum(right, others(set))) ?? null;
}

/** Every membership of a chain, as far as its changes are legal: both models agree on where. */
function chain(start: Membership, changes: readonly ConfigChange[]): Membership[] {
  const passed = [start];
  let naive = naiveOf(start);
  for (const change of changes) {
    const to = changed(passed.at(-1) as Membership, change);
    const expected = naiveChanged(naive, change);
    expect(to).toEqual(expected === null ? null : written(expected));
    if (to === null || expected === null) continue;
    passed.push(to);
    naive = expected;
  }
  return passed;
}

function expectOverlap(passed: readonly Membership[]): void {
  for (const [at, membership] of passed.entries()) {
    const before = passed[Math.max(0, at - 1)] as Membership;
    expect({ before, membership, disjoint: disjoint(before, membership) }).toEqual({
      ...{ before, membership },
      disjoint: null,
    });
  }
}

const step: fc.Arbitrary<ConfigStep> = fc.record({
  kind: fc.constantFrom("add-voter" as const, "add-learner" as const, "remove" as const),
  member: fc.constantFrom(...members),
});
const steps = fc.array(step, { minLength: 1, maxLength: 7 });
const transition = fc.constantFrom<Transition>("auto", "joint-implicit", "joint-explicit");

/** Any membership that is not joint, learners and all. */
const start: fc.Arbitrary<Membership> = fc
  .tuple(fc.shuffledSubarray(members, { minLength: 1 }), fc.nat(5))
  .map(([known, learning]) => {
    const learners = known.slice(0, Math.min(learning, known.length - 1)).sort();
    const voters = known.slice(learners.length).sort();
    return simpleMembership(voters, learners);
  });

const one = (each: ConfigStep): ConfigChange => ({ transition: "auto", steps: [each] });

test("simple changes one by one and a joint change of the same steps end alike", () => {
  fc.assert(
    fc.property(
      start,
      steps,
      fc.constantFrom<Transition>("joint-implicit", "joint-explicit"),
      (from, all, how) => {
        const simple = chain(from, all.map(one));
        // A chain may not pass through a membership without voters; a joint change may.
        fc.pre(simple.length === all.length + 1);
        const joint = chain(from, [{ transition: how, steps: all }, leave]);
        expect(joint).toHaveLength(3);
        expect(joint.at(-1)).toEqual(simple.at(-1));
        expectOverlap(simple);
        expectOverlap(joint);
      },
    ),
  );
});

test("a joint change is refused exactly where nobody would vote in the end", () => {
  fc.assert(
    fc.property(start, steps, (from, all) => {
      const joint = changed(from, { transition: "joint-explicit", steps: all });
      const last = new Map(all.map(({ kind, member }) => [member, kind]));
      const voting = members.filter((member) =>
        last.has(member) ? last.get(member) === "add-voter" : from.voters.includes(member),
      );
      expect(joint?.voters ?? []).toEqual(voting);
    }),
  );
});

test("quorums of memberships that follow each other meet, whatever changes come", () => {
  const change = fc.oneof(
    { weight: 3, arbitrary: step.map(one) },
    { weight: 2, arbitrary: fc.record({ transition, steps }) },
    { weight: 2, arbitrary: fc.constant(leave) },
  );
  fc.assert(
    fc.property(start, fc.array(change, { maxLength: 12 }), (from, changes) => {
      expectOverlap(chain(from, changes));
    }),
  );
});

test("a vote is won by exactly those sets of members that are a quorum", () => {
  fc.assert(
    fc.property(start, steps, transition, (from, all, how) => {
      const to = changed(from, { transition: how, steps: all }) ?? from;
      const half = (voters: readonly string[], set: ReadonlySet<string>) => {
        const granted = voters.filter((voter) => set.has(voter)).length;
        const refused = voters.length - granted;
        return voteResult(voters.length, granted, refused, majorityOf(voters.length));
      };
      for (const set of sets) {
        const result = jointResult(half(to.voters, set), half(to.outgoing, set));
        expect(result).toBe(isQuorum(to, set) ? "won" : "lost");
      }
    }),
  );
});

test("without the joint configuration between them quorums need not meet", () => {
  const [before, after] = [simpleMembership(["a", "b", "c"]), simpleMembership(["c", "d", "e"])];
  expect(disjoint(before, after)).not.toBeNull();
  const remove = ["a", "b"].map((member) => ({ kind: "remove" as const, member }));
  const add = ["d", "e"].map((member) => ({ kind: "add-voter" as const, member }));
  const passed = chain(before, [{ transition: "auto", steps: [...remove, ...add] }, leave]);
  expect(passed.at(-1)).toEqual(after);
  expectOverlap(passed);
});
