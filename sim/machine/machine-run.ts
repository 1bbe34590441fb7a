import { AssertionError } from "../../core/base/assert.ts";
import { Digest } from "../digest.ts";
import { Chaos } from "../faults/chaos.ts";
import { EventKind, type SimEvent } from "../kernel.ts";
import type { Packet } from "../ports/network.ts";
import { emptyResult, type StoryLine, type Violation } from "../result.ts";
import type { TimelessResult } from "../run.ts";
import { span } from "../scenario/units.ts";
import { LastEvents } from "../trace/last-events.ts";
import type { MachineInvariant, MachineNode, MachinePlan } from "./machine.ts";
import { MachineThrew, makesNoSense, ofUser } from "./machine-shell.ts";
import { type MachineWatch, MachineWorld } from "./machine-world.ts";

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
  readonly #last: LastEvents;
  readonly #checks = new Map<string, number>();
  #violation: Violation | null = null;
  /** Where a machine threw: one line a call, the innermost first. */
  #calls: readonly string[] = [];

  constructor(plan: MachinePlan<unknown>, seed: string, { story, watch }: MachineObserver = {}) {
    this.#plan = plan;
    this.#seed = seed;
    this.#world = new MachineWorld(plan, seed, story ?? null, watch ?? null);
    this.#last = new LastEvents(this.#world.kernel);
    for (const { name } of plan.invariants) this.#checks.set(name, 0);
  }

  toEnd(): TimelessResult {
    try {
      this.#begin();
      this.#check(undefined);
      if (this.#violation === null) this.#events();
      if (this.#violation === null) this.#check("end");
    } catch (error) {
      this.#failed(error);
    }
    return this.#result();
  }

  /** What a machine throws is a failure of the run, and so is an assertion of ours. */
  #failed(error: unknown): void {
    if (error instanceof AssertionError) return this.#break("assertion", error.message);
    if (!(error instanceof MachineThrew)) throw error;
    const { kernel, hosts } = this.#world;
    const { cause } = error;
    this.#break("exception", error.message, hosts[kernel.current?.host ?? -1]?.name ?? null);
    const { stack = "" } = cause instanceof Error ? cause : {};
    const calls = stack.split("\n").filter((text) => /^ +at /.test(text));
    const ours = calls.findIndex((text) => text.includes("machine-shell"));
    this.#calls = calls.slice(0, Math.max(0, ours));
  }

  #begin(): void {
    const { steps = [], chaos, lasting } = this.#plan;
    const { hosts, faults, random } = this.#world;
    for (const host of hosts) host.start();
    for (const { at, action } of steps) {
      this.#at(span(at), action.do, () => faults.act(action));
    }
    this.#at(span(lasting), "the time is over", () => undefined);
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
      this.#check(undefined);
      if (this.#violation !== null) return;
    }
  }

  #note(event: SimEvent): void {
    const { time, host, kind, subject } = event;
    this.#digest.number(time).number((host + 1) * 16 + kind);
    if (kind === EventKind.DELIVER) this.#digest.number((subject as Packet).from);
    this.#last.add(event);
    this.#world.watcher?.handled?.(event);
  }

  /** Those that are looked at now: at the start and after each event, or at the end. */
  #check(moment: "end" | undefined): void {
    const nodes = this.#world.nodes();
    for (const invariant of this.#plan.invariants) {
      const { name, when } = invariant;
      if (when !== moment) continue;
      this.#checks.set(name, (this.#checks.get(name) ?? 0) + 1);
      const detail = judgement(invariant, nodes);
      if (detail !== null) return this.#break(name, detail);
    }
  }

  #break(invariant: string, detail: string, node: string | null = null): void {
    this.#violation = { invariant, at: this.#world.kernel.now / 1e6, node, detail };
  }

  #result(): TimelessResult {
    const { kernel, network, random, hosts } = this.#world;
    const violations = this.#violation === null ? [] : [this.#violation];
    const names = hosts.map(({ name }) => name);
    return {
      ...emptyResult,
      scenario: this.#plan.name,
      seed: this.#seed,
      verdict: violations.length === 0 ? "pass" : "fail",
      violations,
      digest: this.#digest.number(random.draws).number(kernel.handled).hex(),
      events: kernel.handled,
      simulatedSeconds: kernel.now / 1e6,
      messages: { sent: network.sent, dropped: network.dropped },
      checks: Object.fromEntries(this.#checks),
      lastEvents: violations.length === 0 ? [] : this.#last.lines(names),
      evidence:
        violations.length === 0 ? [] : [...this.#calls, ...this.#world.nodes().map(nodeText)],
    };
  }
}

/** What is wrong, in words; null: nothing. @throws MachineThrew */
function judgement(
  invariant: MachineInvariant<unknown>,
  nodes: readonly MachineNode<unknown>[],
): string | null {
  const said: unknown = ofUser(() => invariant.broken(nodes));
  if (said === null || typeof said === "string") return said;
  return makesNoSense(`the invariant ${invariant.name} says ${said}, neither words nor null`);
}

const fieldMost = 120;

/** What is newest in a list or a map stands at its end. */
function shortened(text: string): string {
  if (text.length <= fieldMost) return text;
  return `${text.slice(0, fieldMost / 3)}...${text.slice(3 - (fieldMost * 2) / 3)}`;
}

/** A node with all that its machine lets see: its public fields. */
function nodeText({ name, state, machine }: MachineNode<unknown>): string {
  const fields = Object.entries(machine ?? {}).flatMap(([field, value]) => {
    if (typeof value === "function") return [];
    const text = valueText(value);
    return ` ${field}=${shortened(text)}`;
  });
  return `  ${name} ${state}${fields.join("")}`;
}

function valueText(value: unknown): string {
  const plain = value instanceof Map || value instanceof Set ? [...value] : value;
  try {
    return JSON.stringify(plain) ?? String(plain);
  } catch {
    return "...";
  }
}
