import { AssertionError } from "../core/base/assert.ts";
import { isEqual } from "../core/base/equal.ts";
import { sortedText } from "../core/base/order.ts";
import type { Planted } from "../core/base/planted.ts";
import { isRemoved } from "../core/model/cluster.ts";
import type { StoreSnapshot } from "../core/store/store.ts";
import type { Taps } from "./chance/choices.ts";
import { BrokenInvariant } from "./checkers/checker.ts";
import { Digest, digestOf } from "./digest.ts";
import { Chaos } from "./faults/chaos.ts";
import { foldEvent } from "./fingerprint.ts";
import { EventKind, type SimEvent } from "./kernel.ts";
import { Convergence } from "./liveness/convergence.ts";
import { brokenBound, goalProblem, hasBegun } from "./liveness/expectations.ts";
import { recoveries } from "./liveness/recoveries.ts";
import type { RunResult, Violation } from "./result.ts";
import type { Goal, NamedService, NetworkPlan, ScenarioPlan, Step } from "./scenario/dsl.ts";
import { goalText } from "./scenario/goal-words.ts";
import { span } from "./scenario/units.ts";
import { LastEvents } from "./trace/last-events.ts";
import { record } from "./trace/trace.ts";
import { callsOf, isOfCore } from "./world/core-error.ts";
import type { RunObserver } from "./world/watch.ts";
import { World } from "./world/world.ts";

const second = 1_000_000;
/** How often it is looked whether all machines have joined. */
const lookEvery = second;
/** Services are created no later than this after the start. */
const joinedBy = 60 * second;

/** What a caller may say of a run; none of it is part of the scenario. */
export interface RunOptions extends Taps {
  /** Stop after this much simulated time, in microseconds; then only safety was checked. */
  readonly until?: number;
  /** How many clients use a few services as registers. Default: as many as the scenario says. */
  readonly clients?: number;
  readonly observer?: RunObserver;
}

/** A run's result, except for the time that it took outside. */
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
  readonly #last: LastEvents;
  readonly #convergence: Convergence;
  readonly #violations: Violation[] = [];
  readonly #hostNames: readonly string[];
  readonly #always: readonly Goal[];
  readonly #sometimes: readonly Goal[];
  /** When the run was stopped by `until`; null when it was decided before. */
  #endedAt: number | null = null;
  #hasBegun = false;
  /** Where core failed: one line a call, the innermost first. */
  #calls: readonly string[] = [];
  #result: TimelessResult | null = null;
  #committed: StoreSnapshot | null = null;

  constructor(scenario: ScenarioPlan, seed: string, options: RunOptions, planted: Planted) {
    this.#scenario = scenario;
    this.#seed = seed;
    this.#options = options;
    const clients = options.clients ?? scenario.clients ?? 0;
    const { observer } = options;
    const crowd = { clients, users: usersOf(scenario) };
    const plan = { topology: scenario.topology, seed, planted, ...crowd };
    this.#world = new World(plan, observer, options);
    this.#last = new LastEvents(this.#world.kernel);
    this.#convergence = new Convergence(this.#world, scenario, observer);
    this.#equip(scenario);
    this.#world.containers.sickImages = new Set(scenario.sickImages ?? []);
    this.#hostNames = this.#world.hosts.map((host) => host.name);
    const { expect } = scenario;
    this.#always = expect.flatMap((each) => (each.expect === "always" ? [each.goal] : []));
    this.#sometimes = expect.flatMap((each) => (each.expect === "sometimes" ? [each.goal] : []));
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

  /** Handles what happens up to this moment, and no more than this many events. */
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
    for (const time of recoveries(this.#scenario)) {
      this.#at(time, "no more faults", () => this.#convergence.heal());
    }
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
      operator.want({ do: "create-network", name, ...plan });
    }
    for (const service of services) operator.want({ do: "create", service });
    this.#world.clients?.begin();
  }

  #act(step: Step): void {
    this.#convergence.disturb();
    this.#world.faults.act(step.action);
  }

  #at(time: number, what: string, happens: () => void): void {
    const { kernel } = this.#world;
    kernel.schedule(time - kernel.now, EventKind.STEP, -1, what, () => {
      happens();
      return true;
    });
  }

  /** True when the run is decided, or its time is over. */
  #events(until: number, most: number): boolean {
    const { kernel } = this.#world;
    const end = this.#options.until ?? Number.MAX_SAFE_INTEGER;
    const last = kernel.handled + most;
    for (let next = kernel.nextAt; next !== null && next <= end; next = kernel.nextAt) {
      if (next > until || kernel.handled >= last) return false;
      if (next > this.#convergence.lookAt && this.#convergence.isDecided()) return true;
      const event = kernel.step();
      if (event !== null) this.#note(event);
    }
    this.#endedAt = end;
    return true;
  }

  #note(event: SimEvent): void {
    foldEvent(this.#digest, event);
    this.#last.add(event);
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

  #finish(): void {
    const { clients } = this.#world;
    clients?.check();
    if (this.#convergence.recoveredAt === null) return;
    this.#compareStores();
    const report = this.#world.availability.report();
    for (const expectation of this.#scenario.expect) {
      if (expectation.expect !== "availability") continue;
      const broken = brokenBound(expectation, report[expectation.service]);
      if (broken !== null) throw new BrokenInvariant("availability", null, broken);
    }
  }

  /** The healed managers hold the same, to the last field, and so does the history. */
  #compareStores(): void {
    const { history } = this.#world;
    const expected = this.#committedAtEnd();
    for (const host of this.#convergence.core) {
      const store = host.node?.member?.store;
      if (store === undefined || isRemoved(history.view.cluster, host.name)) continue;
      const wrong = differenceBetween(store.snapshot(), expected);
      if (wrong === null) continue;
      const detail = `its store differs from what was committed: ${wrong}`;
      throw new BrokenInvariant("state-machine-safety", host.name, detail);
    }
  }

  /** What the run has come to: once it is decided, nothing more is committed. */
  #committedAtEnd(): StoreSnapshot {
    this.#committed ??= this.#world.history.snapshot();
    return this.#committed;
  }

  #violationOf(error: unknown): Violation {
    const at = this.#world.kernel.now / second;
    if (error instanceof BrokenInvariant) {
      return { invariant: error.invariant, at, node: error.node, detail: error.message };
    }
    if (!isOfCore(error)) throw error;
    this.#calls = callsOf(error);
    const node = this.#hostNames[this.#world.kernel.current?.host ?? -1] ?? null;
    const isAssertion = error instanceof AssertionError;
    const invariant = isAssertion ? "assertion" : "exception";
    return { invariant, at, node, detail: isAssertion ? error.message : String(error) };
  }

  #resultNow(): TimelessResult {
    const { kernel, network, checkers, availability, random } = this.#world;
    const [broken] = this.#violations;
    const services = availability.report();
    const store = digestOf(this.#committedAtEnd());
    this.#digest.text(store).number(random.draws).number(kernel.handled);
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
      recovery: this.#convergence.report(),
      services: Object.fromEntries(
        sortedText(Object.keys(services)).map((name) => [name, services[name]]),
      ) as RunResult["services"],
      refused: Object.fromEntries(
        this.#world.hosts.flatMap(({ name, refusal }) =>
          refusal === null ? [] : [[name, refusal]],
        ),
      ),
      lastEvents: this.#violations.length === 0 ? [] : this.#last.lines(this.#hostNames),
      evidence: this.#calls,
    };
  }
}

/** The first object, or else the part, that is not the same in both; null: all is. */
function differenceBetween(left: StoreSnapshot, right: StoreSnapshot): string | null {
  if (isEqual(left, right)) return null;
  const parts = (["index", "time", "sessions", "failures"] as const).filter(
    (part) => !isEqual(left[part], right[part]),
  );
  const others = new Map(right.objects.map((object) => [object.id, object]));
  const objects = left.objects.filter((object) => !isEqual(object, others.get(object.id)));
  const named = objects.map(({ kind, id }) => `${kind} ${id}`);
  return [...named, ...parts][0] ?? "it lacks objects";
}

/** As many as the chaos has, and as the steps name. */
function usersOf({ chaos, steps = [] }: ScenarioPlan): number {
  const named = steps.map(({ action }) => ("by" in action ? (action.by ?? 1) : 1));
  return Math.max(chaos?.commands?.users ?? 1, ...named);
}
