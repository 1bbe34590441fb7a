import type { Planted } from "../../core/base/planted.ts";
import type { Random, Tap } from "../../core/base/random.ts";
import type { ClientReply } from "../../core/control/command.ts";
import type { NodeEvent } from "../../core/node/event.ts";
import type { NodeMessage } from "../../core/node/message.ts";
import { isBulk, isForGuests } from "../../core/node/traffic.ts";
import type { Taps } from "../chance/choices.ts";
import { Buggify, probeOf } from "../chance/probe.ts";
import { randomOf } from "../chance/random-of.ts";
import { allCheckers } from "../checkers/all.ts";
import type { Checker } from "../checkers/checker.ts";
import { FaultBudget } from "../faults/fault-budget.ts";
import { Faults } from "../faults/faults.ts";
import { Forger } from "../faults/forger.ts";
import { Kernel } from "../kernel.ts";
import { Availability } from "../liveness/availability.ts";
import { Authorities } from "../ports/authorities.ts";
import type { ContainerConditions } from "../ports/container-conditions.ts";
import { type Packet, SimNetwork } from "../ports/network.ts";
import { Narrator } from "../record/narrator.ts";
import type { StoryLine } from "../result.ts";
import type { Topology } from "../scenario/dsl.ts";
import { callerOf, firstTokenOf } from "../users/client.ts";
import { Clients } from "../users/clients.ts";
import { Joining } from "../users/joining.ts";
import { type FileIds, Operator } from "../users/operator.ts";
import { Board } from "./board.ts";
import { delivered } from "./delivered.ts";
import { History } from "./history.ts";
import { Host } from "./host.ts";
import { FanOut, type PartialObserver, type WorldObserver } from "./observer.ts";
import { calmContainers, nodeConfigs, plannedMachines } from "./plan.ts";
import type { RunObserver, Watcher } from "./watch.ts";
import { WorldSituations } from "./world-situations.ts";

/** What a world is made of. */
export interface WorldPlan {
  readonly topology: Topology;
  /** All of its chance comes from this text. */
  readonly seed: string;
  readonly planted: Planted;
  /** How many clients use the cluster, whose histories are checked. */
  readonly clients: number;
  /** How many people give commands; at least 1. */
  readonly users: number;
}

/**
 * A simulated world: machines, the network between them, a user, and everyone who watches.
 *
 * All chance comes from one seed text, split into one stream a concern, so that one more draw for
 * the network does not change which disk is slow.
 */
export class World {
  readonly kernel = new Kernel();
  readonly hosts: readonly Host[];
  /** The hosts by name. */
  readonly named: ReadonlyMap<string, Host>;
  readonly zones: ReadonlyMap<string, string | null>;
  /** The machines that are off until a step switches them on. */
  readonly joining: ReadonlySet<string>;
  readonly network: SimNetwork;
  readonly containers: ContainerConditions;
  /** Carries out the script, except for what others are to do. */
  readonly operator: Operator;
  /** All who give commands, the operator first. */
  readonly operators: readonly Operator[];
  /** Null unless the run asks for clients. */
  readonly clients: Clients | null;
  readonly authorities: Authorities;
  readonly faults: Faults;
  readonly forger: Forger;
  readonly budget: FaultBudget;
  /** Which rare situations the run has reached. */
  readonly board = new Board();
  readonly buggify = new Buggify();
  readonly history: History;
  readonly availability: Availability;
  readonly checkers: readonly Checker[];
  readonly random: Random;
  readonly #joining: Joining;
  readonly #numbers: ReadonlyMap<string, number>;
  /** All who are told of each thing, but for the forger. */
  readonly #listeners: readonly PartialObserver[];
  /** Null when nobody listens. */
  readonly #narrator: Narrator | null;
  /** Null when nobody looks. */
  readonly watcher: Watcher | null;
  #elections = 0;

  constructor(plan: WorldPlan, observer: RunObserver = {}, { tap, nodeTap }: Taps = {}) {
    const { topology, seed, planted, clients, users } = plan;
    this.random = randomOf(seed, tap);
    const all = plannedMachines(topology);
    this.zones = new Map(all.map(({ name, zone }) => [name, zone]));
    this.joining = new Set(all.filter(({ joins }) => joins).map(({ name }) => name));
    this.#numbers = new Map(all.map(({ name }, number) => [name, number]));
    this.containers = calmContainers();
    this.network = new SimNetwork(
      this.kernel,
      this.random.split("network"),
      all.length,
      (packet) => this.#deliver(packet),
      { isBulk, carries: (to, message) => this.#carries(to, message) },
    );
    const everyone = new FanOut();
    this.history = new History((commit) => everyone.committed(commit));
    const stored = () => this.history.view.cluster;
    const newRandom = () => this.random.split("authorities");
    this.authorities = new Authorities(this.kernel, newRandom, stored);
    const previous = new Map(all.map((machine) => [machine.name, machine.previous]));
    this.hosts = this.#makeHosts(nodeConfigs(topology, planted), previous, everyone, nodeTap);
    this.named = new Map(this.hosts.map((host) => [host.name, host]));
    const { kernel, hosts } = this;
    const asked = { kernel, hosts, observer: everyone };
    const files: FileIds = new Map();
    const newOperator = (name: string, firstToken: number) =>
      new Operator(name, asked, this.random.split(name), firstToken, files);
    this.operator = newOperator("operator", 0);
    this.forger = this.#newForger(everyone);
    this.faults = new Faults(this, this.random.split("faults"), (action) =>
      observer.acted?.(action, this.kernel.now),
    );
    this.budget = new FaultBudget(this);
    this.availability = new Availability(this.kernel, this.history);
    this.clients = clients === 0 ? null : new Clients(clients, asked, this.random.split("clients"));
    const others = Array.from({ length: users - 1 }, (_, at) =>
      newOperator(`user ${at + 2}`, firstTokenOf(clients + at + 1)),
    );
    this.operators = [this.operator, ...others];
    this.checkers = [...allCheckers(this), ...(this.clients === null ? [] : [this.clients])];
    const { story, watch } = observer;
    this.#narrator = story === undefined ? null : new Narrator(this.kernel, story);
    this.#joining = new Joining(this.kernel, this.hosts, all);
    this.watcher = watch?.(this) ?? null;
    this.#listeners = this.#makeListeners();
    everyone.listen(this.#listeners);
  }

  /** In the order in which they are told. */
  #makeListeners(): PartialObserver[] {
    const counter = { happened: (_host: Host, event: NodeEvent) => this.#count(event) };
    const rare = new WorldSituations(this, this.board);
    const counting = [this.history, this.availability, counter, this.#joining, rare];
    const all = [this.watcher, ...this.checkers, ...counting, this.#narrator];
    return all.filter((each) => each !== null);
  }

  /** The hosts that are managers now, or were when they went down. */
  get managers(): readonly Host[] {
    return this.hosts.filter((host) => host.isManager);
  }

  /** How many leaders have caught up and begun to lead. */
  get elections(): number {
    return this.#elections;
  }

  /** How much users and clients have asked for that is not answered. */
  get openRequests(): number {
    const ofClients = this.clients?.open ?? 0;
    return this.operators.reduce((sum, { open }) => sum + open, ofClients);
  }

  tell(kind: StoryLine["kind"], text: string): void {
    this.#narrator?.say(kind, text);
  }

  /** The machine's user learns the token of the moment. */
  giveToken(host: Host): void {
    this.tell("command", `the user of ${host.name} is told the token`);
    const ca = this.history.view.cluster?.ca ?? null;
    if (ca !== null) this.#joining.give(host, ca.joinTokens);
  }

  /** Switches every machine on, except for those that join later. */
  powerOn(): void {
    for (const host of this.hosts) if (!this.joining.has(host.name)) host.start();
  }

  /** It has to hear of each input: only in a world where something is forged. */
  #newForger(everyone: FanOut): Forger {
    const listen = () => everyone.listen([...this.#listeners, this.forger]);
    return new Forger(this, (host, message) => everyone.forged(host, message), listen);
  }

  #count(event: NodeEvent): void {
    if (event.kind === "manager-started") this.#elections += 1;
  }

  #makeHosts(
    configs: ReturnType<typeof nodeConfigs>,
    previous: ReadonlyMap<string, string | null>,
    observer: WorldObserver,
    nodeTap: Tap | undefined,
  ): Host[] {
    const wiring = {
      kernel: this.kernel,
      containers: this.containers,
      authorities: this.authorities,
      observer,
      send: (from: Host, to: string, message: NodeMessage) => {
        observer.sent(from, to, message);
        const number = this.#numbers.get(to);
        if (number !== undefined) {
          this.network.send(from.number, number, message, from.signer.held.certificate);
        }
      },
      ended: (host: Host, reason: string) => this.faults.ended(host, reason),
      reply: (token: number, reply: ClientReply) => this.#reply(token, reply),
    };
    const made = new Map<string, Host>();
    return configs.map((config, number) => {
      const probe = probeOf(config.id, this.board, this.buggify);
      const tapped = nodeTap && { tap: nodeTap };
      const own = { probe, forceNewCluster: false, ...config, ...tapped };
      const host = new Host(number, own, this.random.split(config.id), wiring);
      host.previous = made.get(previous.get(config.id) ?? "") ?? null;
      if (host.previous !== null) host.previous.next = host;
      made.set(config.id, host);
      return host;
    });
  }

  #reply(token: number, reply: ClientReply): void {
    const caller = callerOf(token);
    const clients = this.clients?.count ?? 0;
    if (caller > 0 && caller <= clients) return this.clients?.reply(caller, token, reply);
    this.operators[caller === 0 ? 0 : caller - clients]?.reply(token, reply);
  }

  /**
   * What a node says goes to who has shown a certificate, but for the answers to a join: see
   * `PeerNetwork`. Of several founders none has one at first; the daemon's clusters have one.
   */
  #carries(to: number, message: NodeMessage): boolean {
    const { signer, config } = this.hosts[to] as Host;
    if (signer.held.certificate !== null || isForGuests(message)) return true;
    return config.managers.includes(config.id);
  }

  #deliver(packet: Packet): boolean {
    if (delivered(this.hosts, packet)) return true;
    const [sender, host] = [this.hosts[packet.from] as Host, this.hosts[packet.to] as Host];
    const input = { kind: "unreachable", node: host.name } as const;
    if (!host.isOff) this.network.refuse(packet, () => sender.receive(input));
    return false;
  }
}
