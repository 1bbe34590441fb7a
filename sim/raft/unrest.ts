import type { Random } from "../../core/base/random.ts";
import type { RaftMember } from "./member.ts";
import type { RaftUser, RaftWorld } from "./raft-world.ts";
import { tickInterval } from "./settings.ts";

type Link = readonly [from: number, to: number];

/** What goes wrong: crashes, power cuts, pauses, partitions of all shapes, a bad network. */
export class RaftUnrest implements RaftUser {
  readonly #world: RaftWorld;
  readonly #random: Random;
  #cuts: (readonly Link[])[] = [];
  #isOver = false;

  constructor(world: RaftWorld) {
    this.#world = world;
    this.#random = world.random.split("unrest");
    world.users.push(this);
  }

  begin(): void {
    const { settings, network, members } = this.#world;
    const { lossPerMillion, duplicatesPerMillion, latencyMean } = settings;
    Object.assign(network.conditions, { lossPerMillion, duplicatesPerMillion, latencyMean });
    for (const { clock } of members) {
      clock.drift(this.#random.between(-settings.driftPpm, settings.driftPpm));
    }
    this.#often(settings.crashMean, "crash", () => this.#crash(this.#random.pick(members)));
    this.#often(settings.powerCutMean, "power cut", () => {
      for (const member of members) this.#crash(member);
    });
    this.#often(settings.pauseMean, "pause", () => this.#pause(this.#random.pick(members)));
    this.#often(settings.partitionMean, "partition", () => this.#partition());
  }

  /** Whoever is elected loses the others, or its power, before it has told them much. */
  led(member: RaftMember): void {
    if (this.#isOver || !this.#random.chance(this.#world.settings.huntedPerMillion)) return;
    const delay = this.#random.pick([0, 0, this.#random.below(4 * tickInterval)]);
    this.#world.later(delay, "hunt", () => {
      if (this.#isOver || member.state !== "up" || !this.#world.mayStrike()) return;
      if (this.#random.chance(300_000)) this.#crash(member);
      else this.#cut(this.#linksOf(member));
    });
  }

  /** Ends every fault, except for those that the world's end brings anew. */
  heal(): void {
    this.#isOver = true;
    const { members, network } = this.#world;
    for (const cut of this.#cuts.splice(0)) for (const [from, to] of cut) network.mend(from, to);
    const healthy = { lossPerMillion: 0, duplicatesPerMillion: 0 };
    Object.assign(network.conditions, healthy);
    network.conditions.latencyMean = Math.min(network.conditions.latencyMean, 1_000);
    for (const member of members) {
      member.disk.conditions.mean = Math.min(member.disk.conditions.mean, 1_000);
      if (member.state === "down") member.start();
      else if (member.state === "paused") member.resume();
    }
  }

  /** Bad for good: dead, cut off, or able to speak but not to hear, or the other way round. */
  ruin(member: RaftMember, core: readonly RaftMember[]): void {
    const ways = this.#random.below(4);
    if (ways === 0) return this.#world.crash(member);
    for (const other of core) {
      if (ways !== 1) this.#world.network.cut(member.number, other.number);
      if (ways !== 2) this.#world.network.cut(other.number, member.number);
    }
  }

  #often(mean: number, what: string, happens: () => void): void {
    this.#world.repeat(mean, this.#random.split(what), what, () => {
      if (!this.#isOver && this.#world.mayStrike()) happens();
      return !this.#isOver;
    });
  }

  #after(happens: () => void): void {
    this.#world.later(this.#length(), "mend", () => {
      if (!this.#isOver) happens();
    });
  }

  #length(): number {
    return 1 + this.#random.below(2 * this.#world.settings.faultLength);
  }

  #crash(member: RaftMember): void {
    if (member.state === "down") return;
    this.#world.crash(member);
    this.#after(() => {
      if (member.state === "down") member.start();
    });
  }

  #pause(member: RaftMember): void {
    if (member.state !== "up") return;
    member.pause();
    this.#after(() => {
      if (member.state === "paused") member.resume();
    });
  }

  /** Some against the rest, a leader against all others, or the links of a few pairs. */
  #partition(): void {
    this.#cut(this.#drawCut());
  }

  /** To all others, or to most of them; now and then in one direction only. */
  #linksOf(member: RaftMember): Link[] {
    const reached = this.#random.pick([0, 0, 300_000]);
    const voters = member.raft?.status().membership.voters ?? [];
    const onlyVoters = this.#random.chance(500_000);
    const others = this.#world.members.filter((other) => {
      if (other === member || this.#random.chance(reached)) return false;
      return !onlyVoters || voters.includes(other.name);
    });
    const out = others.map((other): Link => [member.number, other.number]);
    if (this.#random.chance(300_000)) return out;
    return [...out, ...others.map((other): Link => [other.number, member.number])];
  }

  #cut(cut: readonly Link[]): void {
    for (const [from, to] of cut) this.#world.network.cut(from, to);
    this.#cuts.push(cut);
    this.#after(() => {
      if (!this.#cuts.includes(cut)) return;
      this.#cuts = this.#cuts.filter((other) => other !== cut);
      for (const [from, to] of cut) this.#world.network.mend(from, to);
    });
  }

  #drawCut(): Link[] {
    const { members } = this.#world;
    const oneWay = this.#random.chance(350_000);
    const pairs = members.flatMap((from) => members.map((to): Link => [from.number, to.number]));
    const between = pairs.filter(([from, to]) => from !== to);
    if (this.#random.chance(200_000)) return between.filter(() => this.#random.chance(200_000));
    const leader = members.find(({ raft }) => raft?.role === "leader");
    const alone = leader !== undefined && this.#random.chance(400_000) ? [leader] : null;
    const side = alone ?? members.filter(() => this.#random.chance(400_000));
    const left = new Set(side.map(({ number }) => number));
    return between.filter(([from, to]) => {
      if (left.has(from) === left.has(to)) return false;
      return !oneWay || left.has(from);
    });
  }
}
