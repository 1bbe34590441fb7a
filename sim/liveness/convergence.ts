import { settingsOf } from "../../core/model/cluster.ts";
import { BrokenInvariant } from "../checkers/checker.ts";
import type { RunResult } from "../result.ts";
import type { Goal, ScenarioPlan } from "../scenario/dsl.ts";
import type { Host } from "../world/host.ts";
import { raftTiming } from "../world/plan.ts";
import type { RunObserver } from "../world/watch.ts";
import type { World } from "../world/world.ts";
import { awaitedImages } from "./awaited-images.ts";
import { goalProblem } from "./expectations.ts";
import { livenessBound, unsettled } from "./liveness.ts";
import { recoveries } from "./recoveries.ts";
import { healCore } from "./recovery.ts";
import { SettledServices } from "./settled-services.ts";

const second = 1_000_000;
/** How often the desired state is looked for after the last fault, and how long it must hold. */
const lookEvery = second;
const settleFor = 15 * second;
const never = Number.MAX_SAFE_INTEGER;

/**
 * What must come true when faults are over: heals the machines that must recover, and looks until
 * the cluster is as it is wanted and has stayed so for a while.
 */
export class Convergence {
  readonly #world: World;
  readonly #scenario: ScenarioPlan;
  readonly #observer: RunObserver | undefined;
  readonly #eventually: readonly Goal[];
  readonly #services = new SettledServices();
  #core: readonly Host[] = [];
  #healedAt: number | null = null;
  /** How often the run still heals, until it is for good. */
  #recoveriesLeft: number;
  /** Not before is the desired state looked for; never while faults go on. */
  #lookAt = never;
  #bound = 0;
  #recoveredAt: number | null = null;

  constructor(world: World, scenario: ScenarioPlan, observer: RunObserver | undefined) {
    this.#world = world;
    this.#scenario = scenario;
    this.#observer = observer;
    const { expect } = scenario;
    this.#eventually = expect.flatMap((each) => (each.expect === "eventually" ? [each.goal] : []));
    this.#recoveriesLeft = recoveries(scenario).length;
  }

  /** The machines that must recover; none before faults are over. */
  get core(): readonly Host[] {
    return this.#core;
  }

  /** After this moment `isDecided` has to look, in microseconds. */
  get lookAt(): number {
    return this.#lookAt;
  }

  /** Since when all is as it is wanted, in microseconds; null: it is not. */
  get recoveredAt(): number | null {
    return this.#recoveredAt;
  }

  report(): RunResult["recovery"] {
    const recoveredAt = this.#recoveredAt;
    const took = recoveredAt === null ? null : (recoveredAt - (this.#healedAt ?? 0)) / second;
    return { took, bound: this.#bound / second };
  }

  /** Faults are over, for now or for good. */
  heal(): void {
    const { kernel, clients, buggify, random } = this.#world;
    const { chaos, core: named = null } = this.#scenario;
    const choice = { named, isChaos: chaos !== undefined, random: random.split("core") };
    const { core, actions } = healCore(this.#world, choice);
    this.#core = core;
    const recovery = { at: kernel.now, core: core.map(({ name }) => name), actions };
    this.#observer?.healed?.(recovery);
    this.#healedAt = kernel.now;
    this.#recoveredAt = null;
    this.#recoveriesLeft -= 1;
    this.#lookAt = 0;
    for (const checker of this.#world.checkers) checker.healed?.(core);
    clients?.finish();
    buggify.calm();
    this.#extendBound();
  }

  /** Faults go on after a recovery: nothing is demanded before the next one. */
  disturb(): void {
    if (this.#healedAt === null) return;
    this.#lookAt = never;
    for (const checker of this.#world.checkers) checker.healed?.([]);
  }

  /**
   * Looks once in a while; between two recoveries no longer than until all is well. True when it
   * is for good. @throws BrokenInvariant when the bound is over
   */
  isDecided(): boolean {
    this.#lookAt = Math.max(this.#lookAt + lookEvery, (this.#healedAt as number) + lookEvery);
    if (this.#scenario.chaos !== undefined) this.#decide();
    if (!this.#hasSettled()) return false;
    this.#lookAt = never;
    return this.#recoveriesLeft === 0;
  }

  /** Chaos may leave what waits for a user: the image is put right. */
  #decide(): void {
    const { history, containers, faults } = this.#world;
    for (const image of awaitedImages(history.view, containers.badImages)) {
      faults.act({ do: "good-image", image });
    }
  }

  /** True when the desired state has been reached and has held; throws when the bound is over. */
  #hasSettled(): boolean {
    const { kernel } = this.#world;
    const healedAt = this.#healedAt as number;
    const problem = this.#unsettled();
    if (problem === null) {
      this.#recoveredAt ??= kernel.now;
      return kernel.now - this.#recoveredAt >= settleFor;
    }
    this.#recoveredAt = null;
    if (kernel.now - healedAt <= this.#bound) return false;
    this.#extendBound();
    if (kernel.now - healedAt <= this.#bound) return false;
    const detail = `${this.#bound / second} s after the last fault, ${problem}`;
    throw new BrokenInvariant("converges", null, detail);
  }

  #unsettled(): string | null {
    const { managers, history, openRequests } = this.#world;
    const core = this.#core;
    const isAnswered = openRequests === 0;
    const world = { managers, core, view: history.view, isAnswered };
    const problem = unsettled(world, this.#services);
    if (problem !== null) return problem;
    for (const goal of this.#eventually) {
      const missed = this.#isAboutRuin(goal) ? null : goalProblem(this.#world, goal);
      if (missed !== null) return missed;
    }
    return null;
  }

  /** A machine that chaos has left bad for good does not become what it was meant to be. */
  #isAboutRuin(goal: Goal): boolean {
    if (this.#scenario.chaos === undefined || !("node" in goal)) return false;
    return !this.#core.some(({ name }) => name === goal.node);
  }

  /** By what is asked for now; what users still had to say may take longer than what was there. */
  #extendBound(): void {
    const { history, openRequests } = this.#world;
    const services = [...history.view.services.values()];
    const nodes = [...history.view.nodes.values()];
    const timing = raftTiming(this.#scenario.topology);
    const settings = settingsOf(history.view.cluster);
    const bound = livenessBound(timing, settings, services, nodes, openRequests);
    this.#bound = Math.max(this.#bound, bound);
  }
}
