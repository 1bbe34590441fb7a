import type { Random } from "../../core/base/random.ts";
import { badMoods } from "../ports/authorities.ts";
import type { Action, Chaos as ChaosPlan, Range, Span } from "../scenario/dsl.ts";
import { guises, meddlings } from "../scenario/fault-words.ts";
import { offsetText, spanText } from "../scenario/units.ts";
import type { Host } from "../world/host.ts";
import { ChaosDraws } from "./chaos-draws.ts";
import type { FaultBudget } from "./fault-budget.ts";
import { type Faults, type FaultyWorld, twoSides } from "./faults.ts";

/** The kinds of chaos that this file sees to. */
const kinds = [
  ...(["kills", "crashLoops", "flapping", "clogs", "clockJumps", "reordering", "delays"] as const),
  ...(["capacity", "diskFailures", "fullDisks", "diskDamage", "startMean", "daemonHangs"] as const),
  ...(["forgeries", "authorities", "refits", "meddling", "freezes"] as const),
] as const;

/** True when the plan names any of the kinds that this file sees to. */
export function hasHardware(plan: ChaosPlan): boolean {
  return kinds.some((kind) => plan[kind] !== undefined);
}

/** A flapping link is cut, and then open, for this long at least; most times as long at most. */
const flapLeast = 50_000;
const flapMost = 40;

/** So many of a million calendars stay behind; the others are set this soon. */
const behindPerMillion = 500_000;
const setWithin = 10_000_000;

const damages = ["corrupt-disk", "misdirect-write", "corrupt-read", "wipe-disk"] as const;

/** Daemons, links, disks and clocks that fail; engines that hang, and that others use too. */
export class HardwareChaos {
  readonly #world: FaultyWorld & { readonly budget: FaultBudget };
  readonly #faults: Faults;
  readonly #plan: ChaosPlan;
  readonly #draws: ChaosDraws;
  /** Machines that have other parts for a while. */
  readonly #refitted = new Set<string>();

  constructor(
    world: FaultyWorld & { readonly budget: FaultBudget },
    faults: Faults,
    plan: ChaosPlan,
    random: Random,
  ) {
    this.#world = world;
    this.#faults = faults;
    this.#plan = plan;
    this.#draws = new ChaosDraws(world.kernel, plan.everyKind === true, random);
  }

  begin(): void {
    this.#conditions();
    this.#daemons();
    this.#links();
    this.#disks();
    const { clockJumps, forgeries, authorities, refits, meddling, freezes } = this.#plan;
    if (authorities) {
      this.#draws.recurring(authorities.every, () => {
        this.#act({ do: "authority", name: "all", mood: this.#draws.random.pick(badMoods) });
        this.#after(authorities.lasting, { do: "authority", name: "all", mood: "sound" });
      });
    }
    if (forgeries) {
      this.#recurring(forgeries.every, ({ name: nodes }) =>
        this.#act({ do: "forge", nodes, guise: this.#draws.random.pick(guises) }),
      );
    }
    if (clockJumps) {
      this.#recurring(clockJumps.every, ({ name: nodes }) => {
        const ahead = spanText(Math.max(1, this.#draws.span(clockJumps.ahead)));
        this.#act({ do: "jump-clock", nodes, ahead });
      });
    }
    if (refits) this.#recurring(refits.every, (host) => this.#refit(host, refits.lasting));
    if (meddling) {
      this.#recurring(meddling.every, ({ name: nodes }) =>
        this.#act({ do: "meddle", nodes, deed: this.#draws.random.pick(meddlings) }),
      );
    }
    if (freezes) this.#recurring(freezes.every, (host) => this.#freeze(host, freezes.lasting));
  }

  /** Its calendar stays behind, unless somebody sets it. */
  #freeze({ name: nodes, state, clock }: Host, lasting: Range<Span>): void {
    if (state !== "up") return;
    const draws = this.#draws;
    const ahead = offsetText(clock.faults.ahead);
    const frozen = draws.span(lasting);
    this.#act({ do: "freeze", nodes });
    draws.later(frozen, () => this.#act({ do: "resume", nodes }));
    if (draws.random.chance(behindPerMillion)) return;
    const set = frozen + draws.random.below(setWithin);
    draws.later(set, () => this.#act({ do: "skew-clock", nodes, ahead }));
  }

  end(): void {
    this.#draws.isOver = true;
    for (const nodes of this.#refitted) this.#act({ do: "refit", nodes, parts: {} });
  }

  /** So much less that it may be too small for what it runs. */
  #refit({ name: nodes, config }: Host, lasting: Range<Span>): void {
    const { random } = this.#draws;
    const some = <T>(share: number, part: T): T | Record<string, never> =>
      random.chance(share * 10_000) ? part : {};
    const kinds = [...config.description.genericResources.keys()];
    const generic = Object.fromEntries(kinds.map((kind) => [kind, random.below(4)]));
    const parts = {
      ...some(60, { cpus: random.pick([0.1, 0.3]) }),
      ...some(60, { memory: random.pick(["32MiB", "96MiB"] as const) }),
      ...some(50, { generic }),
      ...some(30, { labels: {} }),
      ...some(20, { plugins: ["Log/local"] }),
    };
    this.#refitted.add(nodes);
    this.#act({ do: "refit", nodes, parts });
    this.#after(lasting, { do: "refit", nodes, parts: {} });
  }

  #conditions(): void {
    const { reordering, delays, capacity, startMean } = this.#plan;
    const draws = this.#draws;
    const conditions = {
      ...(reordering && draws.occurs() && { reordering: draws.percent(reordering) }),
      ...(delays && draws.occurs() && { delays: draws.random.pick(delays) }),
      ...(capacity && draws.occurs() && { capacity: draws.random.between(...capacity) }),
    };
    if (Object.keys(conditions).length > 0) this.#act({ do: "network", conditions });
    if (!startMean || !draws.occurs()) return;
    const starts = { startMean: spanText(draws.span(startMean)) };
    this.#act({ do: "containers", conditions: starts });
  }

  #daemons(): void {
    const { kills, crashLoops, daemonHangs } = this.#plan;
    if (kills) {
      this.#recurring(kills.every, ({ name: nodes }) => {
        this.#act({ do: "kill", nodes });
        this.#after(kills.downFor, { do: "restart", nodes });
      });
    }
    if (crashLoops) {
      this.#recurring(crashLoops.every, ({ name: nodes }) => {
        const times = this.#draws.random.between(...crashLoops.times);
        const after = spanText(this.#draws.random.between(1_000, 3_000_000));
        this.#act({ do: "crash-loop", nodes, after, times });
      });
    }
    if (daemonHangs) {
      this.#recurring(daemonHangs.every, ({ name: nodes }) => {
        this.#act({ do: "hang-daemon", nodes });
        this.#after(daemonHangs.lasting, { do: "free-daemon", nodes });
      });
    }
  }

  #links(): void {
    const { flapping, clogs } = this.#plan;
    if (flapping) this.#recurring(flapping.every, () => this.#flap(flapping.lasting));
    if (clogs) {
      this.#recurring(clogs.every, () => {
        const [from, to] = this.#sides();
        const lasting = spanText(Math.max(1, this.#draws.span(clogs.lasting)));
        this.#act({ do: "clog", from, to, lasting });
      });
    }
  }

  #flap(lasting: Range<Span>): void {
    const [from, to] = this.#sides();
    const { random } = this.#draws;
    const cut = flapLeast * random.between(1, flapMost);
    const open = flapLeast * random.between(1, flapMost);
    const times = Math.max(1, Math.floor(this.#draws.span(lasting) / (cut + open)));
    const rhythm = { cut: spanText(cut), open: spanText(open), times };
    this.#act({ do: "flap", from, to, oneWay: random.chance(300_000), ...rhythm });
  }

  #sides(): readonly [string[], string[]] {
    const { random } = this.#draws;
    const names = this.#world.hosts.map(({ name }) => name);
    return twoSides(names, random.pick(["isolate-one", "uniform-partition"] as const), random);
  }

  #disks(): void {
    const { diskFailures, fullDisks, diskDamage } = this.#plan;
    if (diskFailures) {
      this.#recurring(diskFailures.every, ({ name }) =>
        this.#act({ do: "fail-sync", nodes: name }),
      );
    }
    if (fullDisks) {
      this.#recurring(fullDisks.every, ({ name: nodes }) => {
        this.#act({ do: "fill-disk", nodes });
        this.#after(fullDisks.lasting, { do: "free-disk", nodes });
      });
    }
    if (diskDamage) {
      this.#recurring(diskDamage.every, (host) => this.#damage(host, diskDamage.downFor));
    }
  }

  /** The machine loses power with its disk; a wiped manager is given up before it joins again. */
  #damage(host: Host, downFor: Range<Span>): void {
    const nodes = host.name;
    const damage = this.#draws.random.pick(damages);
    if (damage !== "corrupt-read" && !this.#world.budget.mayDamage(host)) return;
    const wasManager = host.isManager;
    this.#act({ do: damage, nodes });
    this.#act({ do: "crash", nodes });
    if (damage === "wipe-disk" && wasManager) {
      this.#after(downFor, { do: "role", nodes, role: "worker" });
    }
    this.#after(downFor, { do: "restart", nodes });
  }

  #recurring(every: Range<Span>, strike: (host: Host) => void): void {
    const { random } = this.#draws;
    this.#draws.recurring(every, () => strike(random.pick(this.#world.hosts)));
  }

  #after(range: Range<Span>, action: Action): void {
    this.#draws.later(this.#draws.span(range), () => this.#act(action));
  }

  #act(action: Action): void {
    this.#faults.act(action);
  }
}
