import { AssertionError } from "../../core/base/assert.ts";
import { Digest } from "../../core/base/digest.ts";
import { Chaos } from "../faults/chaos.ts";
import { EventKind, type SimEvent } from "../kernel.ts";
import type { Packet } from "../ports/network.ts";
import type { StoryLine, Violation } from "../result.ts";
import type { TimelessResult } from "../run.ts";
import { span } from "../scenario/units.ts";
import { line } from "../trace/trace.ts";
import type { MachinePlan } from "./machine.ts";
import { type MachineWatch, MachineWorld } from "./machine-world.ts";

const lastEventsKept = 20;

/** Who watches a run of machines. */
export interface MachineObserver {
  readonly story?: (line: StoryLine) => void;
  readonly watch?: MachineWatch;
}

/** One run of a user's machines: until its time is over, or something breaks. */
export class MachineRun {
  readonly #plan: MachinePlan<unknown>;
  readonly #seed: string;
  readonly #world: MachineWorld;
  readonly #digest = new Digest();
  readonly #last: SimEvent[] = [];
  readonly #checks = new Map<string, number>();
  #violation: Violation | null = null;

  constructor(plan: MachinePlan<unknown>, seed: string, { story, watch }: MachineObserver = {}) {
    this.#plan = plan;
    this.#seed = seed;
    this.#world = new MachineWorld(plan, seed, story ?? null, watch ?? null);
    for (const { name } of plan.invariants) this.#checks.set(name, 0);
  }

  toEnd(): TimelessResult {
    try {
      this.#begin();
      this.#events();
    } catch (error) {
      if (!(error instanceof AssertionError)) throw error;
      this.#break("assertion", error.message);
    }
    return this.#result();
  }

  #begin(): void {
    const { steps = [], chaos } = this.#plan;
    const { hosts, faults, random } = this.#world;
    for (const host of hosts) host.start();
    for (const { at, action } of steps) {
      this.#at(span(at), action.do, () => faults.act(action));
    }
    if (chaos === undefined) return;
    const unrest = new Chaos(this.#world, faults, chaos, [], random.split("chaos"));
    this.#at(span(chaos.from), "chaos begins", () => unrest.begin());
    this.#at(span(chaos.until), "chaos ends", () => unrest.end());
  }

  #at(time: number, what: string, happens: () => void): void {
    this.#world.kernel.schedule(time, EventKind.STEP, -1, what, () => {
      happens();
      return true;
    });
  }

  #events(): void {
    const { kernel } = this.#world;
    const until = span(this.#plan.lasting);
    for (let next = kernel.nextAt; next !== null && next <= until; next = kernel.nextAt) {
      const event = kernel.step();
      if (event === null) continue;
      this.#note(event);
      this.#check();
      if (this.#violation !== null) return;
    }
  }

  #note(event: SimEvent): void {
    const { time, host, kind, subject } = event;
    this.#digest.number(time).number((host + 1) * 16 + kind);
    if (kind === EventKind.DELIVER) this.#digest.number((subject as Packet).from);
    this.#last[this.#world.kernel.handled % lastEventsKept] = event;
    this.#world.watcher?.handled?.(event);
  }

  #check(): void {
    const nodes = this.#world.nodes();
    for (const { name, broken } of this.#plan.invariants) {
      this.#checks.set(name, (this.#checks.get(name) ?? 0) + 1);
      const detail = broken(nodes);
      if (detail !== null) return this.#break(name, detail);
    }
  }

  #break(invariant: string, detail: string): void {
    this.#violation = { invariant, at: this.#world.kernel.now / 1e6, node: null, detail };
  }

  #result(): TimelessResult {
    const { kernel, network, random, hosts } = this.#world;
    const violations = this.#violation === null ? [] : [this.#violation];
    const names = hosts.map(({ name }) => name);
    const next = (kernel.handled + 1) % lastEventsKept;
    const last = [...this.#last.slice(next), ...this.#last.slice(0, next)].filter(Boolean);
    return {
      scenario: this.#plan.name,
      seed: this.#seed,
      verdict: violations.length === 0 ? "pass" : "fail",
      violations,
      source: null,
      digest: this.#digest.number(random.draws).number(kernel.handled).hex(),
      events: kernel.handled,
      simulatedSeconds: kernel.now / 1e6,
      messages: { sent: network.sent, dropped: network.dropped },
      elections: 0,
      checks: Object.fromEntries(this.#checks),
      situations: {},
      recovery: { took: null, bound: 0 },
      services: {},
      refused: {},
      lastEvents: violations.length === 0 ? [] : last.map((event) => line(event, names)),
    };
  }
}
