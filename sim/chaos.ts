import type { Random } from "../core/base/random.ts";
import { exponential } from "./draw.ts";
import type { Faults, FaultyWorld } from "./faults.ts";
import { EventKind, type Kernel } from "./kernel.ts";
import type {
  Action,
  Chaos as ChaosPlan,
  ContainerFaults,
  NetworkConditions,
  Range,
  Span,
} from "./scenario/dsl.ts";
import { offsetText, span, spanText } from "./scenario/units.ts";
import { Users, type UsersWorld } from "./users.ts";

export interface ChaoticWorld extends FaultyWorld, UsersWorld {
  readonly kernel: Kernel;
}

/** One kind of fault is left out of a run this often, so that each run is bad in its own way. */
const absentPerMillion = 350_000;

/** Of the crashes, in millionths: only the node's process dies, and its containers go on. */
const killsPerMillion = 500_000;

/** What is put right when chaos ends. */
export const chaosEndActions: readonly Action[] = [
  { do: "network", conditions: { loss: 0, duplicates: 0 } },
  {
    do: "containers",
    conditions: { pullFailures: 0, startFailures: 0, crashEvery: "0s", unhealthyEvery: "0s" },
  },
];

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
    for (const action of chaosEndActions) this.#faults.act(action);
    this.#users.finish();
  }

  #conditions(): void {
    const { hosts } = this.#world;
    const { diskLatencyMean, clockSkew, clockDriftPpm } = this.#plan;
    this.#network();
    for (const { name: nodes } of hosts) {
      if (diskLatencyMean && this.#occurs()) {
        const latencyMean = this.#span(diskLatencyMean);
        this.#faults.act({ do: "disk", nodes, conditions: { latencyMean: spanText(latencyMean) } });
      }
      if (clockSkew && this.#occurs()) {
        const ahead = this.#sign() * this.#span(clockSkew);
        this.#faults.act({ do: "skew-clock", nodes, ahead: offsetText(ahead) });
      }
      if (clockDriftPpm && this.#occurs()) {
        const ppm = this.#sign() * this.#random.between(clockDriftPpm[0], clockDriftPpm[1]);
        this.#faults.act({ do: "drift-clock", nodes, ppm });
      }
    }
    this.#containers();
  }

  #network(): void {
    const { loss, duplicates, latencyMean } = this.#plan;
    const conditions: NetworkConditions = {
      ...(loss && this.#occurs() && { loss: this.#percent(loss) }),
      ...(duplicates && this.#occurs() && { duplicates: this.#percent(duplicates) }),
      ...(latencyMean && this.#occurs() && { latencyMean: spanText(this.#span(latencyMean)) }),
    };
    if (Object.keys(conditions).length > 0) this.#faults.act({ do: "network", conditions });
  }

  #containers(): void {
    const { pullFailures, startFailures, containerCrashes, unhealthy } = this.#plan;
    const conditions: ContainerFaults = {
      ...(pullFailures && this.#occurs() && { pullFailures: this.#percent(pullFailures) }),
      ...(startFailures && this.#occurs() && { startFailures: this.#percent(startFailures) }),
      ...(containerCrashes &&
        this.#occurs() && { crashEvery: spanText(this.#span(containerCrashes.every)) }),
      ...(unhealthy && this.#occurs() && { unhealthyEvery: spanText(this.#span(unhealthy.every)) }),
    };
    if (Object.keys(conditions).length > 0) this.#faults.act({ do: "containers", conditions });
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
    const nodes = host.name;
    const isKilled = this.#random.chance(killsPerMillion);
    this.#faults.act({ do: isKilled ? "kill" : "crash", nodes });
    this.#later(this.#span(downFor), () => {
      if (!this.#isOver) this.#faults.act({ do: "restart", nodes });
    });
  }

  #pause(lasting: Range<Span>): void {
    const host = this.#random.pick(this.#world.hosts);
    if (host.state !== "up") return;
    const nodes = host.name;
    this.#faults.act({ do: "pause", nodes });
    this.#later(this.#span(lasting), () => {
      if (!this.#isOver) this.#faults.act({ do: "resume", nodes });
    });
  }

  /** One machine alone, or a random half; in both directions or in one. */
  #partition(lasting: Range<Span>): void {
    const hosts = this.#random.shuffled(this.#world.hosts).map(({ name }) => name);
    const isolated = this.#random.chance(500_000) ? 1 : this.#random.between(1, hosts.length - 1);
    const [left, right] = [hosts.slice(0, isolated), hosts.slice(isolated)];
    const isForward = this.#random.chance(500_000);
    const oneWay = this.#random.chance(400_000);
    const [from, to] = isForward ? [left, right] : [right, left];
    this.#faults.act({ do: "partition", from, to, oneWay });
    this.#later(this.#span(lasting), () => {
      if (!this.#isOver) this.#faults.act({ do: "mend", from, to, oneWay });
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

  /** Skewed towards the low end: terrible networks are rarer than bad ones. */
  #percent([least, most]: Range<number>): number {
    const high = this.#random.between(Math.round(least * 10_000), Math.round(most * 10_000));
    return this.#random.between(Math.round(least * 10_000), high) / 10_000;
  }
}
