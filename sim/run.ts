import { AssertionError } from "../core/base/assert.ts";
import { Digest } from "../core/base/digest.ts";
import { sortedText } from "../core/base/order.ts";
import type { Planted } from "../core/base/planted.ts";
import { isRemoved, settingsOf } from "../core/model/cluster.ts";
import type { Taps } from "./chance/choices.ts";
import { BrokenInvariant } from "./checkers/checker.ts";
import { Chaos } from "./faults/chaos.ts";
import { foldEvent } from "./fingerprint.ts";
import { EventKind, type SimEvent } from "./kernel.ts";
import { awaitedImages } from "./liveness/awaited-images.ts";
import { brokenBound, goalProblem, hasBegun } from "./liveness/expectations.ts";
import { livenessBound, unsettled } from "./liveness/liveness.ts";
import { recoveries } from "./liveness/recoveries.ts";
import { healCore } from "./liveness/recovery.ts";
import { SettledServices } from "./liveness/settled-services.ts";
import type { RunResult, Violation } from "./result.ts";
import type { Goal, NamedService, NetworkPlan, ScenarioPlan, Step } from "./scenario/dsl.ts";
import { goalText } from "./scenario/goal-words.ts";
import { span } from "./scenario/units.ts";
import { line, record } from "./trace/trace.ts";
import { specOf } from "./users/service-spec.ts";
import type { Host } from "./world/host.ts";
import { raftTiming } from "./world/plan.ts";
import type { RunObserver } from "./world/watch.ts";
import { World } from "./world/world.ts";

const second = 1_000_000;
/** How often the desired state is looked for after the last fault, and how long it must hold. */
const lookEvery = second;
const settleFor = 15 * second;
/** Services are created no later than this after the start. */
const joinedBy = 60 * second;
const lastEventsKept = 20;

/** What a caller may say of a run; none of it is part of the scenario. */
export interface RunOptions extends Taps {
  /** Stop after this much simulated time, in microseconds; then only safety was checked. */
  readonly until?: number;
  /** How many clients use a few services as registers. Default: as many as the scenario says. */
  readonly clients?: number;
  readonly observer?: RunObserver;
}

/** A run's result, but for the time that it took outside. */
export type TimelessResult = Omit<RunResult, "wallSeconds">;

/**
 * One run: the world, what is to happen in it, and what is written down of it. It goes on as far as
 * it is told to; a broken property or a failed assertion ends it, and is part of the result.
 */
export class Run {
  readonly #scenario: ScenarioPlan;
  readonly #seed: string;
  readonly #options: RunOptions;
  readonly #world: World;
  readonly #digest = new Digest();
  /** The newest events, in a ring. */
  readonly #last: SimEvent[] = [];
  readonly #violations: Violation[] = [];
  readonly #hostNames: readonly string[];
  readonly #always: readonly Goal[];
  readonly #sometimes: readonly Goal[];
  readonly #eventually: readonly Goal[];
  #core: readonly Host[] = [];
  readonly #services = new SettledServices();
  #healedAt: number | null = null;
  /** How often the run still heals, until it is for good. */
  #recoveriesLeft = 0;
  /** Not before is the desired state looked for again. */
  #lookAt = 0;
  #bound = 0;
  #recoveredAt: number | null = null;
  /** When the run was stopped by `until`; null when it was decided before. */
  #endedAt: number | null = null;
  #hasBegun = false;
  #result: TimelessResult | null = null;

  constructor(scenario: ScenarioPlan, seed: string, options: RunOptions, planted: Planted) {
    this.#scenario = scenario;
    this.#seed = seed;
    this.#options = options;
    const clients = options.clients ?? scenario.clients ?? 0;
    const { observer } = options;
    const crowd = { clients, users: usersOf(scenario) };
    this.#world = new World(scenario.topology, seed, planted, crowd, observer, options);
    this.#equip(scenario);
    this.#world.containers.sickImages = new Set(scenario.sickImages ?? []);
    this.#hostNames = this.#world.hosts.map((host) => host.name);
    const { expect } = scenario;
    this.#always = expect.flatMap((each) => (each.expect === "always" ? [each.goal] : []));
    this.#sometimes = expect.flatMap((each) => (each.expect === "sometimes" ? [each.goal] : []));
    this.#eventually = expect.flatMap((each) => (each.expect === "eventually" ? [each.goal] : []));
  }

  #equip({ chaos, expect }: ScenarioPlan): void {
    const { board, buggify, random } = this.#world;
    for (const each of expect) if (each.expect === "unreachable") board.forbid(each.situation);
    if (chaos?.buggify) buggify.activate(chaos.buggify, random.split("buggify"));
  }

  /** Runs until it is decided. */
  toEnd(): TimelessResult {
    this.advance(Number.MAX_SAFE_INTEGER, Number.MAX_SAFE_INTEGER);
    return this.#result as unknown as TimelessResult;
  }

  /** What it came to; null while it is not decided. */
  get result(): TimelessResult | null {
    return this.#result;
  }

  /** Handles what happens up to this moment, and no more than so many events. */
  advance(until: number, most: number): void {
    if (this.#result !== null) return;
    try {
      if (!this.#hasBegun) this.#begin();
      if (!this.#events(until, most)) return;
      this.#finish();
    } catch (error) {
      this.#violations.push(this.#violationOf(error));
    }
    this.#options.observer?.clients?.(this.#world.clients?.history.events ?? []);
    this.#result = this.#resultNow();
  }

  #begin(): void {
    this.#hasBegun = true;
    const { services, networks = {}, steps = [], chaos, countFrom } = this.#scenario;
    const { faults, random, availability } = this.#world;
    this.#world.powerOn();
    this.#deploy(networks, services);
    if (countFrom !== undefined) {
      this.#at(span(countFrom), "availability counts", () => availability.countAnew());
    }
    for (const step of steps) this.#at(span(step.at), step.action.do, () => this.#act(step));
    if (chaos !== undefined) {
      const names = services.map((service) => service.name);
      const unrest = new Chaos(this.#world, faults, chaos, names, random.split("chaos"));
      this.#at(span(chaos.from), "chaos begins", () => unrest.begin());
      this.#at(span(chaos.until), "chaos ends", () => unrest.end());
    }
    const times = recoveries(this.#scenario);
    this.#recoveriesLeft = times.length;
    for (const time of times) this.#at(time, "no more faults", () => this.#heal());
  }

  /** The user creates all there is once every machine has joined, or after a while all the same. */
  #deploy(
    networks: Readonly<Record<string, NetworkPlan>>,
    services: readonly NamedService[],
  ): void {
    const { kernel, hosts, joining, history, operator } = this.#world;
    const nodes = [...history.view.nodes.values()];
    const ready = nodes.filter((node) => node.status.state === "ready").length;
    if (ready < hosts.length - joining.size && kernel.now < joinedBy) {
      const again = () => this.#deploy(networks, services);
      this.#at(kernel.now + lookEvery, "waiting for the machines", again);
      return;
    }
    for (const [name, plan] of Object.entries(networks)) {
      operator.want({ kind: "create-network", name, ...plan });
    }
    for (const service of services) operator.want({ kind: "create", spec: specOf(service) });
    this.#world.clients?.begin();
  }

  #act(step: Step): void {
    if (this.#healedAt !== null) this.#disturb();
    this.#world.faults.act(step.action);
  }

  /** Faults go on after a recovery: nothing is demanded before the next one. */
  #disturb(): void {
    this.#lookAt = Number.MAX_SAFE_INTEGER;
    for (const checker of this.#world.checkers) checker.healed?.([]);
  }

  #at(time: number, what: string, happens: () => void): void {
    const { kernel } = this.#world;
    kernel.schedule(time - kernel.now, EventKind.STEP, -1, what, () => {
      happens();
      return true;
    });
  }

  #heal(): void {
    const { kernel, clients, buggify, random } = this.#world;
    const { chaos, core: named = null } = this.#scenario;
    const choice = { named, isChaos: chaos !== undefined, random: random.split("core") };
    const { core, actions } = healCore(this.#world, choice);
    this.#core = core;
    const recovery = { at: kernel.now, core: core.map(({ name }) => name), actions };
    this.#options.observer?.healed?.(recovery);
    this.#healedAt = kernel.now;
    this.#recoveredAt = null;
    this.#recoveriesLeft -= 1;
    this.#lookAt = 0;
    for (const checker of this.#world.checkers) checker.healed?.(this.#core);
    clients?.finish();
    buggify.calm();
    this.#extendBound();
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

  /** True when the run is decided, or its time is over. */
  #events(until: number, most: number): boolean {
    const { kernel } = this.#world;
    const end = this.#options.until ?? Number.MAX_SAFE_INTEGER;
    const last = kernel.handled + most;
    for (let next = kernel.nextAt; next !== null && next <= end; next = kernel.nextAt) {
      if (next > until || kernel.handled >= last) return false;
      if (this.#healedAt !== null && next > this.#lookAt && this.#isDecided()) return true;
      const event = kernel.step();
      if (event !== null) this.#note(event);
    }
    this.#endedAt = end;
    return true;
  }

  /** Looks once in a while; between two recoveries no longer than until all is well. */
  #isDecided(): boolean {
    this.#lookAt = Math.max(this.#lookAt + lookEvery, (this.#healedAt as number) + lookEvery);
    if (this.#scenario.chaos !== undefined) this.#decide();
    if (!this.#hasSettled()) return false;
    this.#lookAt = Number.MAX_SAFE_INTEGER;
    return this.#recoveriesLeft === 0;
  }

  /** Chaos may leave what waits for a user: the image is put right. */
  #decide(): void {
    const { history, containers, faults } = this.#world;
    for (const image of awaitedImages(history.view, containers.badImages)) {
      faults.act({ do: "good-image", image });
    }
  }

  #note(event: SimEvent): void {
    foldEvent(this.#digest, event);
    this.#last[this.#world.kernel.handled % lastEventsKept] = event;
    this.#world.watcher?.handled?.(event);
    this.#options.observer?.trace?.(JSON.stringify(record(event, this.#hostNames)));
    if (this.#always.length === 0 && this.#sometimes.length === 0) return;
    const moves = event.kind === EventKind.EXECUTOR || event.kind === EventKind.STEP;
    if (moves || event.kind === EventKind.FAULT) this.#checkAlways();
  }

  #checkAlways(): void {
    for (const goal of this.#sometimes) {
      if (goalProblem(this.#world, goal) === null) this.#world.board.reached(goalText(goal));
    }
    for (const goal of this.#always) {
      const problem = hasBegun(this.#world, goal) ? goalProblem(this.#world, goal) : null;
      if (problem !== null) throw new BrokenInvariant("always", null, problem);
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

  #finish(): void {
    const { clients } = this.#world;
    clients?.check();
    if (this.#recoveredAt === null) return;
    this.#compareStores();
    const report = this.#world.availability.report();
    for (const expectation of this.#scenario.expect) {
      if (expectation.expect !== "availability") continue;
      const broken = brokenBound(expectation, report[expectation.service]);
      if (broken !== null) throw new BrokenInvariant("availability", null, broken);
    }
  }

  /** The healed managers hold the same, object by object, and so does the history. */
  #compareStores(): void {
    const { history } = this.#world;
    const expected = history.digest();
    for (const host of this.#core) {
      const store = host.node?.member?.store;
      if (store === undefined || isRemoved(history.view.cluster, host.name)) continue;
      if (store.digest() === expected) continue;
      const detail = "its store differs from what was committed";
      throw new BrokenInvariant("state-machine-safety", host.name, detail);
    }
  }

  #violationOf(error: unknown): Violation {
    const at = this.#world.kernel.now / second;
    if (error instanceof BrokenInvariant) {
      return { invariant: error.invariant, at, node: error.node, detail: error.message };
    }
    if (error instanceof AssertionError) {
      return { invariant: "assertion", at, node: null, detail: error.message };
    }
    throw error;
  }

  #resultNow(): TimelessResult {
    const { kernel, network, checkers, availability, history, random } = this.#world;
    const [broken] = this.#violations;
    const services = availability.report();
    const recoveredAt = this.#recoveredAt;
    const took = recoveredAt === null ? null : (recoveredAt - (this.#healedAt ?? 0)) / second;
    this.#digest.text(history.digest()).number(random.draws).number(kernel.handled);
    return {
      scenario: this.#scenario.name,
      seed: this.#seed,
      verdict: this.#violations.length === 0 ? "pass" : "fail",
      violations: this.#violations,
      source: checkers.find(({ name }) => name === broken?.invariant)?.source ?? null,
      digest: this.#digest.hex(),
      events: kernel.handled,
      simulatedSeconds: (this.#endedAt ?? kernel.now) / second,
      messages: { sent: network.sent, dropped: network.dropped },
      elections: this.#world.elections,
      checks: Object.fromEntries(checkers.map(({ name, checks }) => [name, checks])),
      situations: this.#world.board.counts(),
      recovery: { took, bound: this.#bound / second },
      services: Object.fromEntries(
        sortedText(Object.keys(services)).map((name) => [name, services[name]]),
      ) as RunResult["services"],
      refused: Object.fromEntries(
        this.#world.hosts.flatMap(({ name, refusal }) =>
          refusal === null ? [] : [[name, refusal]],
        ),
      ),
      lastEvents: this.#violations.length === 0 ? [] : this.#lastEvents(),
    };
  }

  #lastEvents(): string[] {
    const next = (this.#world.kernel.handled + 1) % lastEventsKept;
    const oldestFirst = [...this.#last.slice(next), ...this.#last.slice(0, next)];
    return oldestFirst.filter(Boolean).map((event) => line(event, this.#hostNames));
  }
}

/** As many as the chaos has, and as the steps name. */
function usersOf({ chaos, steps = [] }: ScenarioPlan): number {
  const named = steps.map(({ action }) => ("by" in action ? (action.by ?? 1) : 1));
  return Math.max(chaos?.commands?.users ?? 1, ...named);
}
