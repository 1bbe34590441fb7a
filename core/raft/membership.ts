import { sortedText } from "../base/order.ts";
import type { ConfigChange, ConfigStep, MemberId, Membership } from "./message.ts";

/**
 * Arithmetic of memberships (thesis chapter 4; etcd/raft confchange). Lists come out sorted, so
 * that equal memberships are equal lists.
 *
 * A change with one step under `auto` takes effect directly; any other enters a joint
 * configuration, in which both the old and the new voters must agree, and which an empty change
 * leaves. A membership without voters is one that is not known (a member that waits for its
 * first snapshot): a change to it leaves it unknown, because it is not known what it changes.
 */
export function changed(from: Membership, change: ConfigChange): Membership | null {
  if (from.voters.length === 0) return null;
  if (change.steps.length === 0) return isJoint(from) ? leaveJoint(from) : null;
  if (isJoint(from)) return null;
  const joint = change.transition !== "auto" || change.steps.length > 1;
  if (joint) return enterJoint(from, change);
  const to = withSteps(from, change.steps);
  return to.voters.length === 0 ? null : to;
}

/** The membership, not a joint one, of these; both lists are sorted. */
export function simpleMembership(
  voters: readonly MemberId[],
  learners: readonly MemberId[] = [],
): Membership {
  return { voters, outgoing: [], learners, learnersNext: [], autoLeave: false };
}

function isJoint(membership: Membership): boolean {
  return membership.outgoing.length > 0;
}

/** Takes part in votes and commits, now or until the joint configuration is left. */
export function isVoter(membership: Membership, member: MemberId): boolean {
  return membership.voters.includes(member) || membership.outgoing.includes(member);
}

/** Everyone whom a leader replicates to, sorted. */
export function membersOf(membership: Membership): MemberId[] {
  const { voters, outgoing, learners } = membership;
  return sortedText(new Set([...voters, ...outgoing, ...learners]));
}

function enterJoint(from: Membership, change: ConfigChange): Membership | null {
  const autoLeave = change.transition !== "joint-explicit";
  const { voters, learners, learnersNext } = from;
  const joint = { voters, outgoing: voters, learners, learnersNext, autoLeave };
  const to = withSteps(joint, change.steps);
  return to.voters.length === 0 ? null : to;
}

function leaveJoint(from: Membership): Membership {
  const learners = sortedText(new Set([...from.learners, ...from.learnersNext]));
  return simpleMembership(from.voters, learners);
}

function withSteps(from: Membership, steps: readonly ConfigStep[]): Membership {
  let to = from;
  for (const step of steps) to = withStep(to, step);
  return to;
}

/** A voter of the old half that is to be a learner waits in `learnersNext`: it still votes. */
function withStep(from: Membership, step: ConfigStep): Membership {
  const { member } = step;
  const voters = without(from.voters, member);
  const learners = without(from.learners, member);
  const learnersNext = without(from.learnersNext, member);
  if (step.kind === "add-voter") voters.push(member);
  else if (step.kind === "add-learner") {
    (from.outgoing.includes(member) ? learnersNext : learners).push(member);
  }
  const { outgoing, autoLeave } = from;
  return {
    voters: sortedText(voters),
    outgoing,
    learners: sortedText(learners),
    learnersNext: sortedText(learnersNext),
    autoLeave,
  };
}

function without(members: readonly MemberId[], member: MemberId): MemberId[] {
  return members.filter((other) => other !== member);
}
