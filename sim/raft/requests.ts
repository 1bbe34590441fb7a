import type { Random } from "../../core/base/random.ts";
import type { ConfigChange, ConfigStep } from "../../core/raft/message.ts";
import type { Raft } from "../../core/raft/raft.ts";
import type { RaftMember } from "./member.ts";
import type { RaftUser, RaftWorld } from "./raft-world.ts";

const transitions = ["auto", "auto", "joint-implicit", "joint-explicit"] as const;
const additions = ["add-voter", "add-voter", "add-learner"] as const;
const removals = ["remove", "add-learner", "add-learner"] as const;

/**
 * Everyone who wants something of the cluster: proposals, reads at any member, changes of the
 * membership, transfers, and snapshots every few entries. All are asked of whoever claims to lead,
 * or of anyone.
 */
export class Requests implements RaftUser {
  readonly #world: RaftWorld;
  readonly #random: Random;
  /** Members whose removal was proposed once: their names are not used again. */
  readonly #removed = new Set<string>();
  #lastLeader: string | null = null;
  #lastRead = 0;
  #isOver = false;

  constructor(world: RaftWorld) {
    this.#world = world;
    this.#random = world.random.split("requests");
    world.users.push(this);
  }

  begin(): void {
    const { settings } = this.#world;
    this.#often(settings.proposalMean, "propose", () => {
      const leader = this.#anyLeader();
      if (leader !== null) this.propose(leader);
    });
    this.#often(settings.readMean, "read", () => this.#read());
    this.#often(settings.changeMean, "change", () => this.#strike(() => this.#change()));
    this.#often(settings.transferMean, "transfer", () => this.#strike(() => this.#transfer()));
    this.#often(settings.nudgeMean, "nudge", () => this.#strike(() => this.#nudge()));
  }

  /** What is no load, but may upset the cluster. */
  #strike(happens: () => void): void {
    if (this.#world.mayStrike()) happens();
  }

  /** From now on nobody asks for anything by himself. */
  end(): void {
    this.#isOver = true;
  }

  /** Where the proposal is in the log; null when it was refused. */
  propose(member: RaftMember): { index: number; term: number } | null {
    const size = 1 + this.#random.below(this.#world.settings.payloadBytesMost);
    const outputs = member.ask({ kind: "propose", payload: { size } });
    return outputs.find((output) => output.kind === "proposed") ?? null;
  }

  readDone(member: RaftMember, read: number, index: number | null): void {
    this.#world.watch.reads.answered(member, read, index);
  }

  /** An impatient user asks for a change before the leader has committed anything. */
  led(member: RaftMember): void {
    const last = this.#lastLeader;
    this.#lastLeader = member.name;
    if (this.#isOver || !this.#random.chance(this.#world.settings.eagerPerMillion)) return;
    this.#world.later(1, "eager", () => {
      if (member.state !== "up" || member.raft?.role !== "leader") return;
      if (!this.#world.mayStrike()) return;
      if (this.#random.chance(500_000)) this.propose(member);
      else this.#propose(member, this.#drawSingle(member.raft, last));
    });
  }

  /** Makes a snapshot every few entries, after the step that applied them. */
  applied(member: RaftMember): void {
    const { compactEvery } = this.#world.settings;
    if (compactEvery === 0) return;
    this.#world.later(0, "compact", () => this.#compact(member, compactEvery));
  }

  #compact(member: RaftMember, every: number): void {
    const { raft, state } = member;
    if (raft === null || state !== "up" || raft.applied - raft.firstIndex < every) return;
    const index = raft.applied;
    const keepFrom = Math.max(1, index + 1 - this.#world.settings.compactKeep);
    member.ask({ kind: "compact", index, keepFrom, payload: { size: 50 } });
  }

  #often(mean: number, what: string, happens: () => void): void {
    this.#world.repeat(mean, this.#random.split(what), what, () => {
      if (!this.#isOver) happens();
      return !this.#isOver;
    });
  }

  #read(): void {
    const { watch } = this.#world;
    const member = this.#random.chance(500_000) ? this.#anyLeader() : this.#anyone();
    if (member === null) return;
    this.#lastRead += 1;
    watch.reads.asked(this.#lastRead);
    member.ask({ kind: "read", readContext: this.#lastRead });
  }

  #transfer(): void {
    const { members } = this.#world;
    this.#anyLeader()?.ask({ kind: "transfer", to: this.#random.pick(members).name });
  }

  /** What a host may tell a member out of the blue. */
  #nudge(): void {
    const member = this.#anyone();
    const other = this.#random.pick(this.#world.members).name;
    const kind = this.#random.pick(["campaign", "forget-leader", "unreachable", "snapshot-failed"]);
    if (kind === "campaign" || kind === "forget-leader") member?.ask({ kind });
    else if (kind === "unreachable") member?.ask({ kind, member: other });
    else if (kind === "snapshot-failed") member?.ask({ kind, member: other });
  }

  /** Two at a time now and then: the second must be refused. */
  #change(): void {
    const leader = this.#anyLeader();
    if (leader === null) return;
    this.#propose(leader, this.#drawChange(leader.raft as Raft));
    if (this.#random.chance(700_000) || leader.state !== "up") return;
    this.#propose(leader, this.#drawChange(leader.raft as Raft));
  }

  #propose(leader: RaftMember, change: ConfigChange | null): void {
    if (change === null) return;
    for (const { kind, member } of change.steps) if (kind === "remove") this.#removed.add(member);
    leader.ask({ kind: "propose-config", change });
  }

  /** One step without a joint configuration; now and then away with whoever led before. */
  #drawSingle(raft: Raft, last: string | null): ConfigChange | null {
    const { voters, learners } = raft.status().membership;
    const isSuspect = last !== null && voters.length > 2 && voters.includes(last);
    const step: ConfigStep | null =
      isSuspect && this.#random.chance(400_000)
        ? { kind: "add-learner", member: last }
        : this.#drawStep(voters, learners, voters.length);
    return step === null ? null : { transition: "auto", steps: [step] };
  }

  #drawChange(raft: Raft): ConfigChange | null {
    const { voters, outgoing, learners } = raft.status().membership;
    if (outgoing.length > 0) return { transition: "auto", steps: [] };
    const count = this.#random.pick([1, 1, 1, 2, 3]);
    const steps: ConfigStep[] = [];
    let left = voters.length;
    for (let step = 0; step < count; step += 1) {
      const drawn = this.#drawStep(voters, learners, left);
      if (drawn === null || steps.some(({ member }) => member === drawn.member)) continue;
      if (drawn.kind !== "add-voter" && voters.includes(drawn.member)) left -= 1;
      steps.push(drawn);
    }
    const transition = this.#random.pick(transitions);
    return steps.length === 0 ? null : { transition, steps };
  }

  /** Keeps two voters, so that there is something to agree on. */
  #drawStep(
    voters: readonly string[],
    learners: readonly string[],
    left: number,
  ): ConfigStep | null {
    const { members } = this.#world;
    const usable = members.map(({ name }) => name).filter((name) => !this.#removed.has(name));
    const fresh = usable.filter((name) => !voters.includes(name));
    const fewer = left > 2 && this.#random.chance(450_000);
    if (!fewer) {
      if (fresh.length === 0) return null;
      const member = this.#random.pick(fresh);
      const kind = this.#isReady(member) ? this.#random.pick(additions) : "add-learner";
      return { kind, member };
    }
    const kind = this.#random.pick(removals);
    const idle = kind === "remove" && this.#random.chance(200_000) ? learners : [];
    return { kind, member: this.#random.pick(idle.length > 0 ? idle : voters) };
  }

  /** One that knows nobody could never lead, also where the others depend on it. */
  #isReady(name: string): boolean {
    const raft = this.#world.members.find((member) => member.name === name)?.raft ?? null;
    if (raft === null || raft.applied < raft.firstIndex - 1) return false;
    return raft.status().membership.voters.length > 0;
  }

  #anyone(): RaftMember | null {
    const running = this.#world.running();
    return running.length === 0 ? null : this.#random.pick(running);
  }

  #anyLeader(): RaftMember | null {
    const leaders = this.#world.running().filter((member) => member.raft?.role === "leader");
    return leaders.length === 0 ? null : this.#random.pick(leaders);
  }
}
