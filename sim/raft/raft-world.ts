import { noBug, type Planted } from "../../core/base/planted.ts";
import { Random } from "../../core/base/random.ts";
import type { StorageWrite } from "../../core/node/durable.ts";
import type { RaftOutput, RaftWrite } from "../../core/raft/contract.ts";
import { simpleMembership } from "../../core/raft/membership.ts";
import type { Membership, RaftMessage } from "../../core/raft/message.ts";
import { EventKind, Kernel } from "../kernel.ts";
import { type Packet, SimNetwork } from "../ports/network.ts";
import { alsoSaid, type BenignMutant } from "./benign.ts";
import { RaftMember } from "./member.ts";
import { drawSettings, type RaftSettings } from "./settings.ts";
import { RaftWatch } from "./watch.ts";
import { ofKind, type RaftWorldKind } from "./world-kind.ts";

const nothingElse = { wipesRaft: false, tasks: new Map(), standing: null };
const knowsNobody = simpleMembership([]);

/** What is other than usual in a world; nothing, unless it is said. */
export interface RaftWorldOptions {
  readonly planted?: Planted;
  readonly mutant?: BenignMutant | null;
  readonly kind?: RaftWorldKind;
  /** The numbers of the strikes that happen; left out: all do. */
  readonly strikes?: ReadonlySet<number>;
  /** With the same settings chance makes other choices for each number; 0 unless it is said. */
  readonly luck?: number;
}

/** Told of what happens at members, in the middle of their steps: to be answered later. */
export interface RaftUser {
  readDone?(member: RaftMember, read: number, index: number | null): void;
  applied?(member: RaftMember): void;
  led?(member: RaftMember): void;
}

/**
 * A cluster of Raft members and nothing else, on the kernel, network, disks and clocks of the
 * simulator. Without an orchestrator on top a seed is short, and its host can do all that the
 * machine offers: change the membership, hand over, read, compact after every few entries.
 */
export class RaftWorld {
  readonly kernel = new Kernel();
  readonly random: Random;
  readonly settings: RaftSettings;
  readonly network: SimNetwork;
  readonly members: readonly RaftMember[];
  readonly watch: RaftWatch;
  readonly users: RaftUser[] = [];
  readonly #numbers: ReadonlyMap<string, number>;
  readonly #mutant: BenignMutant | null;
  readonly #kept: ReadonlySet<number> | null;
  #strikes = 0;

  constructor(seed: number, options: RaftWorldOptions) {
    const { planted = noBug, mutant = null, kind = "raft", strikes = null, luck = 0 } = options;
    this.#kept = strikes;
    const [low, high] = [seed | 0, Math.floor(seed / 0x1_0000_0000)];
    const random = new Random([low, high, 0x5eed, 1]);
    this.settings = ofKind(kind, drawSettings(random.split("settings"), planted));
    this.random = luck === 0 ? random : new Random([low, high, 0x5eed, 1 + luck]);
    this.#mutant = mutant;
    const { voters, spares, raft } = this.settings;
    const names = [...voters, ...spares];
    this.#numbers = new Map(names.map((name, number) => [name, number]));
    this.network = new SimNetwork(
      this.kernel,
      this.random.split("network"),
      names.length,
      (packet) => this.#deliver(packet),
    );
    const bootstrap = { ...knowsNobody, voters };
    this.members = names.map((name, number) => this.#makeMember(name, number, bootstrap));
    this.watch = new RaftWatch(this.members, bootstrap, raft.electionTicks);
  }

  /** How many faults and requests that are more than load came up so far. */
  get strikes(): number {
    return this.#strikes;
  }

  /** One more of them is about to happen; false: it is one that is left out. */
  mayStrike(): boolean {
    this.#strikes += 1;
    return this.#kept?.has(this.#strikes) ?? true;
  }

  /** The members whose machines are running. */
  running(): RaftMember[] {
    return this.members.filter((member) => member.state === "up");
  }

  /** Does something again and again, on average every `mean`; never when that is 0. */
  repeat(mean: number, random: Random, what: string, happens: () => boolean): void {
    if (mean === 0) return;
    const delay = random.below(2 * mean) + 1;
    this.later(delay, what, () => {
      if (happens()) this.repeat(mean, random, what, happens);
    });
  }

  later(delay: number, what: string, happens: () => void): void {
    this.kernel.schedule(delay, EventKind.FAULT, -1, what, () => {
      happens();
      return true;
    });
  }

  crash(member: RaftMember): void {
    member.crash();
    this.watch.crashed(member);
  }

  #makeMember(name: string, number: number, bootstrap: Membership): RaftMember {
    const { kernel, settings } = this;
    const isLost = settings.sparesKnowNobody && settings.spares.includes(name);
    const member = new RaftMember(number, name, {
      kernel,
      settings,
      random: this.random.split(name),
      bootstrap: isLost ? knowsNobody : bootstrap,
      started: (starter) => this.watch.started(starter),
      taking: (taker, input) => this.watch.taking(taker, input),
      took: (taker, input) => this.watch.took(taker, input),
      stepped: (taker, input) => this.watch.stepped(taker, input),
      carryOut: (taker, output) => this.#carryOut(taker, output),
      durable: (taker, write) => this.watch.durable(taker, write),
    });
    Object.assign(member.disk.conditions, { min: 50, mean: settings.diskMean });
    return member;
  }

  #carryOut(member: RaftMember, output: RaftOutput): void {
    this.watch.output(member, output);
    if (output.kind === "write") this.#write(member, output.write);
    else if (output.kind === "send") this.#send(member, output.message);
    else for (const user of this.users) tell(user, member, output);
    if (this.#mutant === null || member.raft === null) return;
    for (const message of alsoSaid(this.#mutant, member.raft, output)) this.#send(member, message);
  }

  #write(member: RaftMember, write: RaftWrite): void {
    const whole: StorageWrite = { number: write.id, ...nothingElse, raft: [write] };
    this.watch.wrote(member, whole);
    member.disk.write(whole);
  }

  #send(member: RaftMember, message: RaftMessage): void {
    this.watch.sent(member, message);
    const to = this.#numbers.get(message.to);
    if (to === undefined) return;
    this.network.send(member.number, to, { kind: "raft", message, time: null, incarnation: 0 });
  }

  #deliver({ to, message }: Packet): boolean {
    if (message.kind !== "raft") return false;
    return this.members[to]?.receive({ kind: "message", message: message.message }) ?? false;
  }
}

function tell(user: RaftUser, member: RaftMember, output: RaftOutput): void {
  if (output.kind === "apply") user.applied?.(member);
  else if (output.kind === "read-failed") user.readDone?.(member, output.readContext, null);
  else if (output.kind === "read-ready") user.readDone?.(member, output.readContext, output.index);
  else if (output.kind === "role" && output.role === "leader") user.led?.(member);
}
