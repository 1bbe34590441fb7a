import type { Random } from "../core/base/random.ts";
import { exponential } from "./draw.ts";
import type { Faults, FaultyWorld } from "./faults.ts";
import { EventKind, type Kernel } from "./kernel.ts";
import type { Chaos as ChaosPlan, Range, Span } from "./scenario/dsl.ts";
import { span } from "./scenario/units.ts";
import { Users, type UsersWorld } from "./users.ts";

export interface ChaoticWorld extends FaultyWorld, UsersWorld {
  readonly kernel: Kernel;
}

/** One kind of fault is left out of a run this often, so that each run is bad in its own way. */
const absentPerMillion = 350_000;

/**
 * Faults that come by themselves. Their rates are drawn once, from the run's own stream; then each
 * kind comes again and again at random moments, until the chaos is over.
 */
export class Chaos {
  readonly #world: ChaoticWorld;
  readonly #faults: Faults;
  readonly #plan: ChaosPlan;
  readonly #users: Users;
  readonly #random: Random;
  #isOver = false;

  constructor(
    world: ChaoticWorld,
    faults: Faults,
    plan: ChaosPlan,
    services: readonly string[],
    random: Random,
  ) {
    this.#world = world;
    this.#faults = faults;
    this.#plan = plan;
    this.#random = random;
    const { creates = 0 } = plan.commands ?? {};
    this.#users = new Users(world, faults, { kept: services, creates }, random.split("users"));
  }

  begin(): void {
    const { crashes, pauses, partitions, commands } = this.#plan;
    this.#conditions();
    if (crashes) this.#recurring(crashes.every, () => this.#crash(crashes.downFor));
    if (pauses) this.#recurring(pauses.every, () => this.#pause(pauses.lasting));
    if (partitions) this.#recurring(partitions.every, () => this.#partition(partitions.lasting));
    if (commands) this.#recurring(commands.every, () => this.#users.act());
  }

  /** Nothing new goes wrong from now on; what is broken stays as it is. */
  end(): void {
    this.#isOver = true;
    Object.assign(this.#world.network.conditions, { lossPerMillion: 0, duplicatesPerMillion: 0 });
    Object.assign(this.#world.containers, {
      pullFailuresPerMillion: 0,
      startFailuresPerMillion: 0,
      crashMean: 0,
      unhealthyMean: 0,
    });
    this.#users.finish();
  }

  #conditions(): void {
    const { network, containers, hosts } = this.#world;
    const { loss, duplicates, latencyMean, diskLatencyMean, clockSkew, clockDriftPpm } = this.#plan;
    const { pullFailures, startFailures, containerCrashes, unhealthy } = this.#plan;
    const { conditions } = network;
    if (loss && this.#occurs()) conditions.lossPerMillion = this.#percent(loss);
    if (duplicates && this.#occurs()) conditions.duplicatesPerMillion = this.#percent(duplicates);
    if (latencyMean && this.#occurs()) conditions.latencyMean = this.#span(latencyMean);
    for (const host of hosts) {
      if (diskLatencyMean && this.#occurs())
        host.disk.conditions.mean = this.#span(diskLatencyMean);
      if (clockSkew && this.#occurs())
        this.#faults.skew(host, this.#sign() * this.#span(clockSkew));
      if (clockDriftPpm && this.#occurs()) {
        host.clock.drift(this.#sign() * this.#random.between(clockDriftPpm[0], clockDriftPpm[1]));
      }
    }
    if (pullFailures && this.#occurs()) {
      containers.pullFailuresPerMillion = this.#percent(pullFailures);
    }
    if (startFailures && this.#occurs()) {
      containers.startFailuresPerMillion = this.#percent(startFailures);
    }
    if (containerCrashes && this.#occurs())
      containers.crashMean = this.#span(containerCrashes.every);
    if (unhealthy && this.#occurs()) containers.unhealthyMean = this.#span(unhealthy.every);
  }

  #recurring(every: Range<Span>, strike: () => void): void {
    if (!this.#occurs()) return;
    const mean = this.#span(every);
    const next = (): void => {
      this.#later(exponential(this.#random, mean) + 1, () => {
        if (this.#isOver) return;
        strike();
        next();
      });
    };
    next();
  }

  #crash(downFor: Range<Span>): void {
    const host = this.#random.pick(this.#world.hosts);
    if (host.state === "down" || host.state === "refused") return;
    this.#faults.crash(host);
    this.#later(this.#span(downFor), () => {
      if (!this.#isOver) this.#faults.restart(host);
    });
  }

  #pause(lasting: Range<Span>): void {
    const host = this.#random.pick(this.#world.hosts);
    if (host.state !== "up") return;
    this.#faults.pause(host);
    this.#later(this.#span(lasting), () => {
      if (!this.#isOver) this.#faults.resume(host);
    });
  }

  /** One machine alone, or a random half; in both directions or in one. */
  #partition(lasting: Range<Span>): void {
    const hosts = this.#random.shuffled(this.#world.hosts);
    const isolated = this.#random.chance(500_000) ? 1 : this.#random.between(1, hosts.length - 1);
    const [left, right] = [hosts.slice(0, isolated), hosts.slice(isolated)];
    const isForward = this.#random.chance(500_000);
    const oneWay = this.#random.chance(400_000);
    const cut = isForward
      ? this.#faults.partition(left, right, oneWay)
      : this.#faults.partition(right, left, oneWay);
    this.#later(this.#span(lasting), () => {
      if (!this.#isOver) this.#faults.mend(cut);
    });
  }

  #later(delay: number, happens: () => void): void {
    this.#world.kernel.schedule(delay, EventKind.FAULT, -1, "chaos", () => {
      happens();
      return true;
    });
  }

  #occurs(): boolean {
    return !this.#random.chance(absentPerMillion);
  }

  #sign(): 1 | -1 {
    return this.#random.chance(500_000) ? 1 : -1;
  }

  #span([least, most]: Range<Span>): number {
    return this.#random.between(span(least), span(most));
  }

  /** In millionths, skewed towards the low end: terrible networks are rarer than bad ones. */
  #percent([least, most]: Range<number>): number {
    const high = this.#random.between(Math.round(least * 10_000), Math.round(most * 10_000));
    return this.#random.between(Math.round(least * 10_000), high);
  }
}
