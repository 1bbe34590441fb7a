import { assert } from "../../core/base/assert.ts";
import type { Random } from "../../core/base/random.ts";
import type { ExternalRequest } from "../../core/ca/external-request.ts";
import type { ClientReply } from "../../core/control/command.ts";
import type { NodeDescription } from "../../core/model/node.ts";
import type { NodeConfig } from "../../core/node/config.ts";
import type { NodeEvent } from "../../core/node/event.ts";
import type { NodeInput } from "../../core/node/input.ts";
import type { NodeMessage } from "../../core/node/message.ts";
import type { Node } from "../../core/node/node.ts";
import { Shell } from "../../core/node/shell.ts";
import { firstStanding } from "../../core/node/standing.ts";
import type { Entropy } from "../../core/ports/entropy.ts";
import type { Ports } from "../../core/ports/ports.ts";
import type { Raft } from "../../core/raft/raft.ts";
import { EventKind, type Kernel } from "../kernel.ts";
import type { Authorities } from "../ports/authorities.ts";
import { SimClock } from "../ports/clock.ts";
import type { ContainerConditions } from "../ports/container-conditions.ts";
import { SimDisk } from "../ports/disk.ts";
import { simEntropy } from "../ports/entropy.ts";
import { SimExecutor } from "../ports/executor.ts";
import { SimIngress } from "../ports/ingress.ts";
import { SimOverlay } from "../ports/overlay.ts";
import { Platter } from "../ports/platter.ts";
import { SimSigner } from "../ports/signer.ts";
import type { Backup } from "./backup.ts";
import type { WorldObserver } from "./observer.ts";
import { asOfLevel, enginePartsOf } from "./plan.ts";

/**
 * `refused`: the node does not start, because its disk is damaged or empty. It stays so unless
 * another start finds the disk otherwise.
 */
export type HostState = "up" | "paused" | "down" | "refused";

/** What runs on a machine: a node's shell, or something else in its place. */
export type HostShell = Pick<Shell, "node" | "boot" | "receive">;

/** How often a machine at work tells of it. */
const tellsEvery = 1_000_000;

/** Everything outside the machine that it is wired to. */
export interface HostWiring {
  readonly kernel: Kernel;
  readonly send: (from: Host, to: string, message: NodeMessage) => void;
  readonly containers: ContainerConditions;
  readonly authorities: Pick<Authorities, "ask">;
  readonly observer: WorldObserver;
  /** Told that the daemon has ended by itself, and why. */
  readonly ended: (host: Host, reason: string) => void;
  /** Takes the answer to a client's request. */
  readonly reply: (token: number, reply: ClientReply) => void;
  /** Makes what runs on the machine, at each start. Default: a node of the cluster. */
  readonly shell?: (config: NodeConfig, ports: Ports) => HostShell;
}

/**
 * One simulated machine: a disk, clocks and containers that survive the node's process, and the
 * node itself, which is made anew at every start from the same code as a real one.
 */
export class Host {
  readonly number: number;
  readonly name: string;
  /** What the node is told at its next start. */
  config: NodeConfig;
  readonly clock: SimClock;
  readonly disk: SimDisk;
  readonly executor: SimExecutor;
  readonly ingress = new SimIngress();
  readonly overlay = new SimOverlay();
  readonly signer: SimSigner;
  state: HostState = "down";
  /** The machine itself is: nothing answers in the node's place. */
  isOff = true;
  readonly #wiring: HostWiring;
  readonly #entropy: Entropy;
  #shell: HostShell | null = null;
  /** Why the node does not start; null unless `refused`. */
  #refusal: string | null = null;
  /** When it last told that it is at work. */
  #toldAt = -tellsEvery;
  /** How long all of its pauses have lasted, in microseconds; one under way is not counted. */
  pausedFor = 0;
  #pausedAt = 0;
  /** What reached the machine while it was paused, to be taken in order when it goes on. */
  #held: (() => unknown)[] = [];
  /** At its next crash its disk is emptied. */
  losesDisk = false;
  /** Its disk is empty, and it has not joined since. */
  isWiped = false;
  /** It is out for good: what its machine is next is another node. */
  hasLeft = false;
  /** What its machine was before, and what it is next; null: nothing. */
  previous: Host | null = null;
  next: Host | null = null;
  /** With this start it joins anew, or knows again what it did when its backup was made. */
  rejoins = false;
  #backup: Backup | null = null;
  /** It was made of a backup, and has not led its cluster since. */
  isRestored = false;

  constructor(number: number, config: NodeConfig, random: Random, wiring: HostWiring) {
    this.number = number;
    this.name = config.id;
    this.config = config;
    this.#wiring = wiring;
    this.#entropy = simEntropy(random.split("entropy"));
    const { kernel, observer, containers } = wiring;
    this.clock = new SimClock(kernel, number, (wake) => this.#run(wake));
    const disk = random.split("disk");
    const executor = random.split("executor");
    const platter = new Platter(random.split("platter"), config.planted);
    this.disk = new SimDisk(kernel, number, disk, platter, {
      durable: (write) => observer.durable(this, write),
      written: (written) => this.receive({ kind: "written", number: written }),
      failed: (reason) => this.#run(() => this.#endBy(reason)),
    });
    this.executor = new SimExecutor(kernel, number, executor, containers, observer, (event) =>
      this.receive({ kind: "executor", event }),
    );
    this.executor.runsAgain = config.planted === "A01";
    this.signer = new SimSigner(kernel, number, random.split("signer"), (answer) =>
      this.receive({ kind: "signed", answer }),
    );
  }

  /** True while its version is older than one that has used its disk: that refuses to start. */
  get isTooOld(): boolean {
    return this.config.description.level < this.disk.level;
  }

  /** The running node; null while the machine is down. */
  get node(): Node | null {
    return this.#shell?.node ?? null;
  }

  /** Why the node does not start, in words for its operator; null unless it is refused. */
  get refusal(): string | null {
    return this.#refusal;
  }

  /** The node's part in Raft; null while it has none. */
  get raft(): Raft | null {
    return this.#shell?.node?.member?.raft ?? null;
  }

  /** Its machine still is another node. */
  get isUnborn(): boolean {
    return this.previous !== null && !this.previous.hasLeft;
  }

  /** Whether the node takes part in Raft, or did when it went down, as its disk knows. */
  get isManager(): boolean {
    if (this.hasLeft) return false;
    if (this.node !== null) return this.node.standing.memberId !== null;
    const { standing } = this.disk.image;
    return (standing ?? firstStanding(this.config)).memberId !== null;
  }

  /** The incarnation of the cluster that the node knows. */
  get incarnation(): number {
    return (this.node?.standing ?? this.disk.image.standing)?.incarnation ?? 0;
  }

  /** The name under which the node takes part in Raft, as its disk knows; null: it does not. */
  get memberId(): string | null {
    return (this.disk.image.standing ?? firstStanding(this.config)).memberId;
  }

  /** Hands one input to the node, now or when it goes on. False when the machine is off. */
  receive(input: NodeInput): boolean {
    if (this.state !== "up") return this.#run(() => this.#take(input));
    this.#take(input);
    this.#tellStepped();
    return true;
  }

  /** `alone`: without the others, who are lost. Its daemon ends at once where its disk fails. */
  start(alone = false): void {
    assert(this.state === "down" || this.state === "refused", "only a machine that is off starts");
    this.isOff = false;
    const failure = this.disk.opening();
    if (failure !== null) return this.#wiring.ended(this, failure);
    this.#refusal = null;
    if (this.isWiped) this.#joinAnew();
    this.clock.reboot();
    if (this.isTooOld) return this.#refuse("a newer version has used its disk");
    this.disk.level = this.config.description.level;
    const found = this.disk.boot();
    if (found.kind === "refused") return this.#refuse(found.reason);
    this.state = "up";
    this.rejoins = this.isWiped || this.isRestored;
    this.isWiped = false;
    const shell = this.#newShell(alone);
    this.#shell = shell;
    this.#wiring.observer.recovered(this, found.durable);
    this.#run(() => shell.boot(found.durable, this.executor.existing(), this.signer.held));
  }

  /** The next start is of the version that speaks this feature level. */
  install(level: number): void {
    this.refit(asOfLevel(level, this.config.description));
  }

  /** Its engine tells of it when it is asked next, and the next start finds it. */
  refit(description: NodeDescription): void {
    this.config = { ...this.config, description };
    this.executor.parts = enginePartsOf(description);
  }

  crash(): void {
    this.#stop();
    this.isOff = true;
    this.executor.crash();
    this.signer.crash();
    this.#wiring.observer.crashed(this);
    this.#wipeIfLost();
  }

  /** Its machine has nothing to do with the node any more, and runs nothing of it. */
  leave(): void {
    if (this.state === "up" || this.state === "paused") this.crash();
    this.hasLeft = true;
    this.isOff = true;
    this.state = "refused";
    this.#refusal = "its machine has left the cluster";
  }

  /** The daemon ends; the machine and its containers go on. */
  kill(): void {
    this.#stop();
    this.executor.abandon();
    this.#wiring.observer.crashed(this);
    this.#wipeIfLost();
  }

  /** Whatever the disk holds is gone: at once when the node is down, else at its next crash. */
  loseDisk(): void {
    this.losesDisk = true;
    if (this.state === "down" || this.state === "refused") this.#wipeIfLost();
  }

  /** Null: nobody has made any. */
  get backup(): Backup | null {
    return this.#backup;
  }

  /** The cluster's root, as this manager knows it; null on workers, and while it is off. */
  get rootDigest(): string | null {
    return this.node?.member?.store.cluster?.ca?.root.digest ?? null;
  }

  /** Somebody copies what the manager keeps, in the place of an earlier copy. */
  backUp(): void {
    const root = this.rootDigest;
    this.#backup = { durable: this.disk.image.load(), held: this.signer.held, root };
  }

  /** Its disk holds what its backup does: it goes on alone when it starts. It is off. */
  restore(): void {
    assert(this.#backup !== null, "a machine is made of a backup that there is");
    const { durable, held } = this.#backup;
    this.state = "down";
    this.losesDisk = false;
    this.isWiped = false;
    this.isRestored = true;
    this.signer.held = held;
    this.disk.restore(durable);
    this.#wiring.observer.crashed(this);
  }

  /** The machine's user gives it a token to join the cluster with. */
  join(token: string): void {
    this.signer.give(token);
    this.receive({ kind: "join", token });
  }

  pause(): void {
    assert(this.state === "up", "only a running machine is paused");
    this.state = "paused";
    this.#pausedAt = this.#wiring.kernel.now;
  }

  resume(): void {
    assert(this.state === "paused", "only a paused machine goes on");
    this.state = "up";
    this.clock.goOn();
    this.pausedFor += this.#wiring.kernel.now - this.#pausedAt;
    for (const held of this.#held.splice(0)) this.#run(held);
  }

  #stop(): void {
    assert(this.state === "up" || this.state === "paused", "only a machine that is on crashes");
    this.#wiring.observer.ending(this);
    this.state = "down";
    this.#shell = null;
    this.ingress.end();
    this.overlay.end();
    this.#held = [];
    this.clock.reboot();
    this.disk.crash();
  }

  #refuse(reason: string): void {
    this.state = "refused";
    this.#refusal = reason;
    this.#wiring.observer.refused(this, reason);
  }

  #take(input: NodeInput): void {
    this.#wiring.observer.taking(this, input);
    this.#shell?.receive(input);
  }

  #endBy(reason: string): void {
    this.kill();
    this.#wiring.ended(this, reason);
  }

  /** What was on the disk is forgotten only when it joins anew: until then others count on it. */
  #wipeIfLost(): void {
    if (!this.losesDisk) return;
    this.losesDisk = false;
    this.isWiped = true;
    this.state = "refused";
    this.#refusal = "its disk is empty: it is in no cluster until it joins one";
  }

  /** A machine without a disk is not one of the founders: it joins as any other. */
  #joinAnew(): void {
    const managers = this.config.managers.filter((manager) => manager !== this.name);
    assert(managers.length > 0, "a cluster outlives the disk of one machine");
    this.config = { ...this.config, managers };
    this.disk.wipe();
  }

  /** False: the machine is off. */
  #run(action: () => unknown): boolean {
    if (this.state === "down" || this.state === "refused") return false;
    if (this.state === "paused") this.#held.push(action);
    else {
      action();
      this.#tellStepped();
    }
    return true;
  }

  #tellStepped(): void {
    const { kernel, observer } = this.#wiring;
    observer.stepped(this);
    if (kernel.now - this.#toldAt < tellsEvery) return;
    this.#toldAt = kernel.now;
    observer.atWork(this);
  }

  /** A node that has started anew since has not asked. */
  #askAuthority(request: ExternalRequest): void {
    const shell = this.#shell;
    this.#wiring.authorities.ask(this.number, request, (answer) => {
      return this.#shell === shell && this.receive({ kind: "external", answer });
    });
  }

  /** One made of a backup leads its own cluster, or must not take part in any. */
  #happened(event: NodeEvent): void {
    this.#wiring.observer.happened(this, event);
    if (!this.isRestored) return;
    if (event.kind === "role" && event.role === "leader") this.isRestored = false;
    if (event.kind !== "force-refused") return;
    const { reason } = event;
    const end = () => this.#run(() => this.#endBy(reason));
    this.#wiring.kernel.schedule(0, EventKind.FAULT, this.number, reason, end);
  }

  #newShell(forceNewCluster: boolean): HostShell {
    const { observer, send, reply, shell } = this.#wiring;
    const { clock, disk, executor, ingress, overlay, signer } = this;
    const ports: Ports = {
      clock,
      network: { send: (to, message) => send(this, to, message) },
      storage: {
        write: (write) => {
          observer.wrote(this, write);
          disk.write(write);
        },
      },
      executor,
      ingress,
      overlay,
      signer,
      externalCa: { ask: (request) => this.#askAuthority(request) },
      entropy: this.#entropy,
      control: { reply },
      trace: { trace: (event) => this.#happened(event) },
    };
    const config = { ...this.config, forceNewCluster, isRestored: this.isRestored };
    return shell === undefined ? new Shell(config, ports) : shell(config, ports);
  }
}
