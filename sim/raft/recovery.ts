import { BrokenInvariant } from "../checkers/checker.ts";
import type { RaftMember } from "./member.ts";
import type { RaftWorld } from "./raft-world.ts";
import type { Requests } from "./requests.ts";
import { type LivenessBounds, livenessBounds, tickInterval } from "./settings.ts";
import type { RaftUnrest } from "./unrest.ts";

/** How often a proposal is tried again, and how long nothing may happen in the end. */
const proposeEvery = 20_000;
const calmElections = 4;
/** No delay that the simulator draws is longer than this many means of its kind. */
const tail = 24;
/** Elections that the calm may still see: none is expected, one is let pass. */
const calmElectionsMost = 1;

/** Microseconds from the heal; null as long as it has not come to it. */
export interface RecoveryTimes {
  leader: number | null;
  commit: number | null;
}

/**
 * The last part of a run. A core that can form a quorum of every membership that any log holds is
 * healed, the rest is bad for good, and the core must come to a leader, to a commit, and to
 * members that all have it, each within its bound; after that terms must stay as they are.
 */
export class RaftRecovery {
  readonly times: RecoveryTimes = { leader: null, commit: null };
  readonly #bounds: LivenessBounds;
  readonly #world: RaftWorld;
  readonly #requests: Requests;
  #core: readonly RaftMember[] = [];
  #healedAt = 0;
  /** Until then, what was said before the heal may still arrive and change terms. */
  readonly #leftoversUntil: number;
  /** The leader of the highest term in the core, and when it was first seen. */
  #leader: { member: RaftMember; term: number; since: number } | null = null;
  #proposed: { index: number; term: number } | null = null;
  #askedAt = 0;
  #calmSince = 0;
  #calmTerm = 0;

  constructor(world: RaftWorld, requests: Requests) {
    this.#world = world;
    this.#requests = requests;
    this.#bounds = livenessBounds(world.settings);
    const { latencyMean, diskMean } = world.settings;
    this.#leftoversUntil = tail * (latencyMean + diskMean);
  }

  begin(unrest: RaftUnrest): void {
    unrest.heal();
    this.#requests.end();
    this.#healedAt = this.#world.kernel.now;
    this.#core = this.#drawCore();
    for (const member of this.#world.members) {
      if (!this.#core.includes(member)) unrest.ruin(member, this.#core);
    }
  }

  /** Looks where recovery stands; true once it is over. Throws when it takes too long. */
  look(): boolean {
    const passed = this.#world.kernel.now - this.#healedAt;
    if (this.#calmSince > 0) return this.#lookAtCalm();
    this.#findLeader();
    if (this.times.commit === null) this.#findCommit(passed);
    else if (passed > this.#leftoversUntil && this.#haveCaughtUp(passed)) {
      this.#calmSince = this.#world.kernel.now;
      this.#calmTerm = this.#highestTerm();
    }
    return false;
  }

  #drawCore(): RaftMember[] {
    const random = this.#world.random.split("core");
    const memberships = this.#world.members.flatMap(({ raft }) => raft?.status().membership ?? []);
    const halves = memberships.flatMap(({ voters, outgoing }) => [voters, outgoing]);
    let core = [...this.#world.members];
    for (const member of random.shuffled(core)) {
      const left = core.filter((other) => other !== member);
      const names = left.map(({ name }) => name);
      if (halves.every((half) => hasMajority(half, names)) && canElect(left)) core = left;
    }
    return core;
  }

  #findLeader(): void {
    const highest = this.#highestTerm();
    const member = this.#core.find(({ raft }) => raft?.role === "leader" && raft.term === highest);
    const { now } = this.#world.kernel;
    if (member === undefined) this.#leader = null;
    else if (this.#leader?.term !== highest || this.#leader.member !== member) {
      this.#leader = { member, term: highest, since: now };
      this.#proposed = null;
      this.#askedAt = 0;
    }
  }

  #findCommit(passed: number): void {
    const { now } = this.#world.kernel;
    const leader = this.#leader;
    if (leader === null) {
      if (passed <= this.#bounds.leader) return;
      return this.#broken("elects-in-time", "there is no leader", passed);
    }
    if (this.#proposed === null && now >= this.#askedAt + proposeEvery) {
      this.#askedAt = now;
      this.#proposed = this.#requests.propose(leader.member);
    }
    const { index } = this.#proposed ?? { index: Number.POSITIVE_INFINITY };
    if ((leader.member.raft?.commit ?? 0) >= index) {
      this.times.leader = leader.since - this.#healedAt;
      this.times.commit = passed;
    } else if (passed > this.#bounds.commit) {
      this.#broken("commits-in-time", "nothing is committed", passed);
    }
  }

  #haveCaughtUp(passed: number): boolean {
    const leader = this.#leader?.member.raft;
    const members = leader?.status().membership;
    const isSettled = leader?.applied === leader?.lastIndex && members?.autoLeave !== true;
    const target = leader?.commit ?? 0;
    const late = this.#core.find(({ name, raft }) => {
      const { voters = [], outgoing = [], learners = [] } = members ?? {};
      const counts = [...voters, ...outgoing, ...learners].includes(name);
      return counts && (raft?.applied ?? 0) < target;
    });
    if (members !== undefined && isSettled && late === undefined) return true;
    if (passed > this.#bounds.caughtUp) {
      this.#broken("followers-catch-up", `${late?.name ?? "the leader"} lags behind`, passed);
    }
    return false;
  }

  #lookAtCalm(): boolean {
    const term = this.#highestTerm();
    if (term > this.#calmTerm + calmElectionsMost) {
      const detail = `terms rise from ${this.#calmTerm} to ${term} while nothing goes wrong`;
      throw new BrokenInvariant("terms-settle", null, detail);
    }
    const election = 2 * this.#world.settings.raft.electionTicks * tickInterval;
    return this.#world.kernel.now - this.#calmSince > calmElections * election;
  }

  #highestTerm(): number {
    let highest = 0;
    for (const { raft } of this.#core) highest = Math.max(highest, raft?.term ?? 0);
    return highest;
  }

  #broken(invariant: string, what: string, passed: number): never {
    const detail = `${passed / 1_000} ms after the last fault, ${what}`;
    throw new BrokenInvariant(invariant, null, detail);
  }
}

function hasMajority(half: readonly string[], names: readonly string[]): boolean {
  return half.length === 0 || half.filter((each) => names.includes(each)).length * 2 > half.length;
}

/** One whose log is newer refuses its vote, also a learner that holds what was never committed. */
function canElect(core: readonly RaftMember[]): boolean {
  return core.some(({ name, raft }) => {
    if (raft === null) return false;
    const { membership, lastIndex, lastTerm } = raft.status();
    const granting = core.filter((other) => {
      const last = other.raft?.lastIndex ?? 0;
      const term = other.raft?.termAt(last) ?? 0;
      return term < lastTerm || (term === lastTerm && last <= lastIndex);
    });
    const names = granting.map((other) => other.name);
    const { voters, outgoing } = membership;
    if (![...voters, ...outgoing].includes(name)) return false;
    return hasMajority(voters, names) && hasMajority(outgoing, names);
  });
}
