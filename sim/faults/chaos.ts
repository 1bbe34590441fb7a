import type { Random } from "../../core/base/random.ts";
import type {
  Action,
  Chaos as ChaosPlan,
  ContainerFaults,
  NetworkConditions,
  PartitionMode,
  Range,
  Span,
} from "../scenario/dsl.ts";
import { offsetText, span, spanText } from "../scenario/units.ts";
import { Users, type UsersWorld } from "../users/users.ts";
import { containerDefaults } from "../world/plan.ts";
import { ChaosDraws } from "./chaos-draws.ts";
import { Departures } from "./departures.ts";
import type { FaultBudget } from "./fault-budget.ts";
import { type Faults, type FaultyWorld, twoSides } from "./faults.ts";
import { HardwareChaos, hasHardware } from "./hardware-chaos.ts";
import { QuorumLosses } from "./quorum-losses.ts";

export interface ChaoticWorld extends FaultyWorld, UsersWorld {
  readonly budget: FaultBudget;
}

/** Of the crashes, in millionths: only the node's process dies, and its containers go on. */
const killsPerMillion = 500_000;

/** What is put right when chaos ends. */
export const chaosEndActions: readonly Action[] = [
  { do: "network", conditions: { loss: 0, duplicates: 0, reordering: 0, capacity: 0 } },
  {
    do: "containers",
    conditions: {
      ...{ pullFailures: 0, startFailures: 0, crashEvery: "0s", unhealthyEvery: "0s" },
      startMean: spanText(containerDefaults.startMean),
    },
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
  readonly #draws: ChaosDraws;
  /** Null when the plan names none of its kinds. */
  readonly #hardware: HardwareChaos | null;
  /** Null when the plan does not name them. */
  readonly #losses: QuorumLosses | null;
  readonly #departures: Departures | null;

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
    this.#draws = new ChaosDraws(world.kernel, plan.everyKind === true, random);
    const users = { kept: services, creates: 0, ...plan.commands };
    this.#users = new Users(world, faults, users, random.split("users"));
    const hardware = hasHardware(plan) ? random.split("hardware") : null;
    this.#hardware = hardware && new HardwareChaos(world, faults, plan, hardware);
    const { quorumLosses: losses, departures } = plan;
    this.#losses = losses ? new QuorumLosses(world, faults, losses, random.split("losses")) : null;
    this.#departures = departures
      ? new Departures(world, faults, departures, random.split("departures"))
      : null;
  }

  begin(): void {
    const { crashes, pauses, partitions, commands, upgrades } = this.#plan;
    this.#conditions();
    if (crashes) this.#draws.recurring(crashes.every, () => this.#crash(crashes.downFor));
    if (pauses) this.#draws.recurring(pauses.every, () => this.#pause(pauses.lasting));
    if (partitions) this.#draws.recurring(partitions.every, () => this.#partition(partitions));
    if (commands) this.#draws.recurring(commands.every, () => this.#users.act());
    if (upgrades) this.#draws.recurring(upgrades.every, () => this.#upgrade());
    this.#hardware?.begin();
    this.#losses?.begin();
    this.#departures?.begin();
  }

  /** Nothing new goes wrong from now on; what is broken stays as it is. */
  end(): void {
    this.#draws.isOver = true;
    this.#hardware?.end();
    this.#losses?.end();
    this.#departures?.end();
    for (const action of chaosEndActions) this.#faults.act(action);
    this.#users.finish();
  }

  #conditions(): void {
    const { hosts } = this.#world;
    const { diskLatencyMean, clockSkew, clockDriftPpm } = this.#plan;
    this.#network();
    for (const { name: nodes } of hosts) {
      if (diskLatencyMean && this.#draws.occurs()) {
        const latencyMean = this.#draws.span(diskLatencyMean);
        this.#faults.act({ do: "disk", nodes, conditions: { latencyMean: spanText(latencyMean) } });
      }
      if (clockSkew && this.#draws.occurs()) {
        const ahead = this.#draws.offset(span(clockSkew[0]), span(clockSkew[1]));
        this.#faults.act({ do: "skew-clock", nodes, ahead: offsetText(ahead) });
      }
      if (clockDriftPpm && this.#draws.occurs()) {
        const ppm = this.#draws.offset(clockDriftPpm[0], clockDriftPpm[1]);
        this.#faults.act({ do: "drift-clock", nodes, ppm });
      }
    }
    this.#containers();
  }

  #network(): void {
    const { loss, duplicates, latencyMean } = this.#plan;
    const conditions: NetworkConditions = {
      ...(loss && this.#draws.occurs() && { loss: this.#draws.percent(loss) }),
      ...(duplicates && this.#draws.occurs() && { duplicates: this.#draws.percent(duplicates) }),
      ...(latencyMean &&
        this.#draws.occurs() && { latencyMean: spanText(this.#draws.span(latencyMean)) }),
    };
    if (Object.keys(conditions).length > 0) this.#faults.act({ do: "network", conditions });
  }

  #containers(): void {
    const { pullFailures, startFailures, containerCrashes, unhealthy } = this.#plan;
    const conditions: ContainerFaults = {
      ...(pullFailures &&
        this.#draws.occurs() && { pullFailures: this.#draws.percent(pullFailures) }),
      ...(startFailures &&
        this.#draws.occurs() && { startFailures: this.#draws.percent(startFailures) }),
      ...(containerCrashes &&
        this.#draws.occurs() && { crashEvery: spanText(this.#draws.span(containerCrashes.every)) }),
      ...(unhealthy &&
        this.#draws.occurs() && { unhealthyEvery: spanText(this.#draws.span(unhealthy.every)) }),
    };
    if (Object.keys(conditions).length > 0) this.#faults.act({ do: "containers", conditions });
  }

  #crash(downFor: Range<Span>): void {
    const host = this.#draws.random.pick(this.#world.hosts);
    if (host.state === "down" || host.state === "refused") return;
    const nodes = host.name;
    const isKilled = this.#draws.random.chance(killsPerMillion);
    this.#faults.act({ do: isKilled ? "kill" : "crash", nodes });
    this.#draws.later(this.#draws.span(downFor), () => this.#faults.act({ do: "restart", nodes }));
  }

  #pause(lasting: Range<Span>): void {
    const host = this.#draws.random.pick(this.#world.hosts);
    if (host.state !== "up") return;
    const nodes = host.name;
    this.#faults.act({ do: "pause", nodes });
    this.#draws.later(this.#draws.span(lasting), () => this.#faults.act({ do: "resume", nodes }));
  }

  #upgrade(): void {
    const { name: nodes } = this.#draws.random.pick(this.#world.hosts);
    this.#faults.act({ do: "upgrade", nodes });
  }

  #partition({ lasting, modes }: NonNullable<ChaosPlan["partitions"]>): void {
    const { random } = this.#draws;
    const [left, right] = modes === undefined ? this.#halves() : this.#sides(random.pick(modes));
    const isForward = random.chance(500_000);
    const oneWay = random.chance(400_000);
    const [from, to] = isForward ? [left, right] : [right, left];
    this.#faults.act({ do: "partition", from, to, oneWay });
    const mend = { do: "mend", from, to, oneWay } as const;
    this.#draws.later(this.#draws.span(lasting), () => this.#faults.act(mend));
  }

  /** One machine alone, or any number of them. */
  #halves(): readonly [string[], string[]] {
    const { random } = this.#draws;
    const names = random.shuffled(this.#world.hosts).map(({ name }) => name);
    const size = random.chance(500_000) ? 1 : random.between(1, names.length - 1);
    return [names.slice(0, size), names.slice(size)];
  }

  #sides(mode: PartitionMode): readonly [string[], string[]] {
    const names = this.#world.hosts.map(({ name }) => name);
    return twoSides(names, mode, this.#draws.random);
  }
}
