import { assert } from "../../core/base/assert.ts";
import { noBug } from "../../core/base/planted.ts";
import type { Random } from "../../core/base/random.ts";
import type { Duration } from "../../core/base/time.ts";
import type { StorageWrite } from "../../core/node/durable.ts";
import type { RaftInput, RaftOutput } from "../../core/raft/contract.ts";
import type { Membership } from "../../core/raft/message.ts";
import { Raft } from "../../core/raft/raft.ts";
import type { RaftHost } from "../checkers/checker.ts";
import type { Kernel } from "../kernel.ts";
import { SimClock } from "../ports/clock.ts";
import { SimDisk } from "../ports/disk.ts";
import { Platter } from "../ports/platter.ts";
import { type RaftSettings, tickInterval } from "./settings.ts";

/** What a member is wired to. */
export interface MemberWiring {
  readonly kernel: Kernel;
  readonly settings: RaftSettings;
  readonly random: Random;
  readonly bootstrap: Membership;
  readonly started: (member: RaftMember) => void;
  /** Before each input, after it, and when its outputs are carried out. */
  readonly taking: (member: RaftMember, input: RaftInput) => void;
  readonly took: (member: RaftMember, input: RaftInput) => void;
  readonly stepped: (member: RaftMember, input: RaftInput) => void;
  readonly carryOut: (member: RaftMember, output: RaftOutput) => void;
  readonly durable: (member: RaftMember, write: StorageWrite) => void;
}

/**
 * One machine with nothing on it but a Raft member: a clock and a disk that survive it. It owes
 * the member every tick that has passed before anything else, also after a pause: leases are
 * counted in ticks.
 */
export class RaftMember implements RaftHost {
  readonly number: number;
  readonly name: string;
  readonly memberId: string;
  readonly incarnation = 0;
  readonly clock: SimClock;
  readonly disk: SimDisk;
  state: "up" | "paused" | "down" = "down";
  raft: Raft | null = null;
  /** Ticks since it started. */
  ticks = 0;
  readonly #wiring: MemberWiring;
  /** How far its clock was between two ticks when it started. */
  #phase = 0;
  #held: RaftInput[] = [];

  constructor(number: number, name: string, wiring: MemberWiring) {
    const { kernel, random } = wiring;
    this.number = number;
    this.name = name;
    this.memberId = name;
    this.#wiring = wiring;
    this.clock = new SimClock(kernel, number);
    const disk = random.split("disk");
    const platter = new Platter(random.split("platter"), noBug);
    this.disk = new SimDisk(kernel, number, disk, platter, {
      durable: (write) => wiring.durable(this, write),
      written: (id) => void this.receive({ kind: "written", id }),
    });
  }

  /** Takes an input, now or when it goes on. False when the machine is off. */
  receive(input: RaftInput): boolean {
    if (this.state === "down") return false;
    if (this.state === "paused") this.#held.push(input);
    else this.ask(input);
    return true;
  }

  /** Takes an input now, and returns the outputs, which are carried out already. */
  ask(input: RaftInput): RaftOutput[] {
    assert(this.state === "up", "only a running machine is asked");
    this.#catchUp();
    return this.#step(input);
  }

  start(): void {
    assert(this.state === "down", "only a machine that is off starts");
    const { kernel, settings, random, bootstrap, started } = this.#wiring;
    const boot = this.disk.boot();
    assert(boot.kind === "recovered", "nothing damages these disks");
    const { hardState, snapshot, entries } = boot.durable;
    this.raft = new Raft({
      config: { ...settings.raft, id: this.name },
      durable: { hardState: hardState ?? { term: 0, vote: null }, snapshot, entries, bootstrap },
      random: random.split("life"),
    });
    this.state = "up";
    this.ticks = 0;
    started(this);
    this.#phase = settings.ticksInStep ? kernel.now % tickInterval : random.below(tickInterval);
    this.clock.reboot();
    this.#wake();
  }

  crash(): void {
    this.state = "down";
    this.raft = null;
    this.#held = [];
    this.clock.reboot();
    this.disk.crash();
  }

  pause(): void {
    this.state = "paused";
  }

  resume(): void {
    this.state = "up";
    this.#catchUp();
    for (const held of this.#held.splice(0)) this.ask(held);
    this.#wake();
  }

  #wake(): void {
    const next = (this.ticks + 1) * tickInterval - this.#phase - this.clock.now();
    this.clock.wakeAfter(Math.max(1, next) as Duration, () => {
      if (this.state !== "up") return false;
      this.#catchUp();
      this.#wake();
      return true;
    });
  }

  /** More ticks than two election timeouts tell a member nothing new. */
  #catchUp(): void {
    const due = Math.floor((this.clock.now() + this.#phase) / tickInterval);
    const most = 2 * this.#wiring.settings.raft.electionTicks;
    const steps = Math.min(most, due - this.ticks);
    this.ticks = due - Math.max(0, steps);
    for (let step = 0; step < steps; step += 1) {
      this.ticks += 1;
      this.#step({ kind: "tick" });
    }
  }

  #step(input: RaftInput): RaftOutput[] {
    const { taking, took, carryOut, stepped } = this.#wiring;
    taking(this, input);
    const outputs = (this.raft as Raft).step(input);
    took(this, input);
    for (const output of outputs) carryOut(this, output);
    stepped(this, input);
    return outputs;
  }
}
