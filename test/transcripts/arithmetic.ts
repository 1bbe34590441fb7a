import { noBug } from "../../core/base/planted.ts";
import { raftDefaults } from "../../core/raft/defaults.ts";
import { emptyDurable, type Membership, type RaftConfig } from "../../core/raft/driver.ts";
import { Leadership } from "../../core/raft/leadership.ts";
import { changed } from "../../core/raft/membership.ts";
import { RaftState } from "../../core/raft/state.ts";
import type { Arguments } from "./arguments.ts";
import { changeOf } from "./commands.ts";
import { describeMembership } from "./format.ts";

/** Memberships and quorums without a cluster: the arithmetic that the machine itself uses. */
export class Arithmetic {
  #membership: Membership = emptyDurable([]).bootstrap;

  /** `membership a b c learners=d outgoing=a,b`: where the next changes start. */
  membership(args: Arguments): string {
    this.#membership = membershipOf(args);
    return describeMembership(this.#membership);
  }

  /** `change add-voter=d`: what a change makes of the membership, if it may. */
  change(args: Arguments): string {
    const to = changed(this.#membership, changeOf(args));
    if (to === null) return "refused";
    this.#membership = to;
    return describeMembership(to);
  }
}

/** `committed a b c outgoing=a,d match=a:3,b:5`: the highest index that a quorum holds. */
export function committed(args: Arguments): string {
  const membership = membershipOf(args);
  const leadership = new Leadership(config, 0);
  leadership.reconfigure(membership, [], 1);
  for (const [id, match] of args.table("match")) {
    const progress = leadership.progress.get(id);
    if (progress === undefined) throw new Error(`${id} is not a member`);
    progress.match = Number(match);
  }
  const index = leadership.matchedByQuorum();
  return index === Number.POSITIVE_INFINITY ? "everything" : String(index);
}

/** `vote a b c outgoing=a,d votes=a:yes,b:no`: won, lost or pending. */
export function vote(args: Arguments): string {
  const durable = { ...emptyDurable([]), bootstrap: membershipOf(args) };
  const random = { u32: () => 0, below: () => 0 };
  const state = new RaftState({ config, durable, random });
  for (const [id, answer] of args.table("votes")) state.votes.set(id, answer === "yes");
  return state.countVotes();
}

function membershipOf(args: Arguments): Membership {
  const outgoing = args.list("outgoing");
  const learners = args.list("learners");
  const voters = args.words();
  return { ...emptyDurable(voters, learners).bootstrap, outgoing };
}

const config: RaftConfig = { ...raftDefaults, id: "nobody", planted: noBug };
