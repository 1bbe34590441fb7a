import type { Logger } from "pino";
import type { ExternalAnswer } from "../../core/ca/external-request.ts";
import type { SignerAnswer } from "../../core/ca/signer-request.ts";
import type { NodeConfig } from "../../core/node/config.ts";
import type { NodeEvent } from "../../core/node/event.ts";
import { hasComeIn, unreadiness } from "../../core/node/readiness.ts";
import { Shell } from "../../core/node/shell.ts";
import { ControlServer } from "../api/control-server.ts";
import { RealClock } from "../clock.ts";
import type { Engine } from "../engine.ts";
import { entropy } from "../entropy.ts";
import { AddressBook } from "../grpc/address-book.ts";
import { MeshThread } from "../ingress/mesh-thread.ts";
import { Overlays } from "../overlay/overlays.ts";
import { CfsslClient } from "../signer/cfssl.ts";
import { type Credentials, type FoundIdentity, IdentityFiles } from "../signer/identity-files.ts";
import { RealSigner } from "../signer/signer.ts";
import { type OpenStorage, openStorage } from "../storage/open-storage.ts";
import type { RealStorage } from "../storage/real-storage.ts";
import { payloadCodec } from "../wire/payload.ts";
import type { NodeInfo } from "../wire/services.ts";
import type { DockerApiConfig } from "./docker-api.ts";
import { findManager } from "./find-manager.ts";
import { logEvent } from "./log.ts";
import { type Metrics, newMetrics } from "./metrics.ts";
import { nodeArchive } from "./node-backup.ts";
import { nodeConfigOf, ofNode } from "./node-config.ts";
import { chosenAs, openEngine } from "./open-engine.ts";
import type { DaemonOptions } from "./options.ts";
import { openPeers, type Peers } from "./peers.ts";
import { elsewhere, isHere, reachable } from "./reachable.ts";
import type { NodeRecord, StateDir } from "./state-dir.ts";

export interface NodeRunnerConfig {
  readonly options: DaemonOptions;
  readonly log: Logger;
  readonly dir: StateDir;
  /** Who the node is, as it is on its disk already. */
  readonly state: NodeRecord;
  /** Waits for the key of a manager that is locked. Rejects once the node is stopped. */
  askKey(problemOf: (unlockKey: string) => string | null, stopping: AbortSignal): Promise<string>;
  /** How often the manager to join by is tried to be reached; null: until it is. */
  readonly triesMost: number | null;
  /** The node can't go on. */
  failed(reason: string): void;
  /** The cluster does not let the node in, which has never been in it. */
  refused(reason: string): void;
  /** It does not form a new cluster, as it was told to, and goes on as it was. */
  notAlone(reason: string): void;
}

/** What the shell's ports are made of. */
interface Opened {
  readonly storage: RealStorage;
  readonly engine: Engine;
  readonly peers: Peers;
  readonly mesh: MeshThread;
  readonly metrics: Metrics;
}

/**
 * A node for as long as it is in one cluster: core's shell on real ports. Everything is opened
 * before the node boots, so that what can't be had is said before anything has changed.
 */
export class NodeRunner {
  readonly control: ControlServer;
  readonly #config: NodeRunnerConfig;
  readonly #options: DaemonOptions;
  readonly #log: Logger;
  readonly #files: IdentityFiles;
  readonly #book: AddressBook;
  readonly #overlays: Overlays;
  readonly #clock = new RealClock();
  readonly #stopping = new AbortController();
  /** What is to be closed in the end, the last one first. */
  readonly #closers: (() => unknown)[] = [];
  #state: NodeRecord;
  #shell: Shell | null = null;
  #opening: Promise<unknown> = Promise.resolve();
  #opened: OpenStorage | null = null;
  #engine: Engine | null = null;
  #peers: Peers | null = null;
  #metrics: Metrics | null = null;

  constructor(config: NodeRunnerConfig) {
    this.#config = config;
    this.#options = config.options;
    this.#log = config.log;
    this.#state = config.state;
    this.#files = new IdentityFiles(config.dir.certificates);
    this.#book = new AddressBook(config.dir.addresses);
    this.#overlays = new Overlays(config.log);
    this.#closers.push(() => this.#overlays.close());
    this.control = new ControlServer((token, request) =>
      this.#shell?.receive({ kind: "request", token, request }),
    );
  }

  /**
   * Opens what the node keeps. Rejects where it is another's, in use, or damaged, and when the node
   * is stopped.
   */
  async open(): Promise<void> {
    const { unlockKey = null } = this.#options;
    const opening = openStorage({
      folder: this.#config.dir.store,
      owner: { nodeId: this.#state.nodeId, clusterId: null },
      codec: payloadCodec,
      unlockKey,
      askKey: (problemOf) => this.#config.askKey(problemOf, this.#stopping.signal),
      acknowledge: (number) => this.#shell?.receive({ kind: "written", number }),
      failed: this.#config.failed,
    });
    this.#opening = opening.catch(() => undefined);
    this.#opened = await this.#held(await opening, ({ storage }) => storage.close());
  }

  /**
   * Boots the node that was opened. Rejects with what is wrong and what to do about it, and when it
   * is stopped.
   */
  async start(): Promise<void> {
    const { storage, durable } = this.#opened as OpenStorage;
    const found = this.#files.read(storage);
    this.#checkOwn(found);
    const engine = await this.#openEngine();
    const peers = await this.#openPeers(found, engine);
    const mesh = this.#newMesh();
    const node = () => this.#shell?.node ?? null;
    const metrics = newMetrics(node, peers.network, mesh.traffic, this.#overlays);
    this.#metrics = metrics;
    await this.#find(peers);
    const { address } = peers;
    const managers = [...this.#book.managers.keys()];
    const place = { state: this.#state, engine, address, managers, log: this.#log };
    const config = await nodeConfigOf(this.#options, place);
    const containers = await engine.existing();
    this.#stopping.signal.throwIfAborted();
    const shell = this.#newShell(config, found, { storage, engine, peers, mesh, metrics });
    this.#shell = shell;
    shell.boot(durable, containers, found.held);
    engine.listen((event) => {
      shell.receive({ kind: "executor", event: ofNode(this.#options, event) });
    });
    const { nodeId: id, engine: runs } = this.#state;
    this.#log.info({ id, address, engine: runs }, "the node is up");
  }

  /** In order: clients hear it, nothing is sent any more, containers run on, the disk is closed. */
  async stop(): Promise<void> {
    this.#stopping.abort(new Error("the node stops"));
    this.#clock.stop();
    this.#shell = null;
    this.control.stop();
    await this.#opening;
    for (const close of this.#closers.splice(0).reverse()) await close();
  }

  /** What the APIs of a node that has started are made of. */
  get served(): DockerApiConfig {
    const [peers, engine] = [this.#peers as Peers, this.#engine as Engine];
    return {
      ...{ id: this.#state.nodeId, address: reachable(peers.address), logs: peers.logs, engine },
      ...{ control: this.control, book: this.#book, shell: () => this.#shell },
    };
  }

  get id(): string {
    return this.#state.nodeId;
  }

  /** True once what it keeps is open: it is this process's, and whole. */
  get isOpen(): boolean {
    return this.#opened !== null;
  }

  get isManager(): boolean {
    return (this.#shell?.node?.member ?? null) !== null;
  }

  /** True once it has come into its cluster. */
  get isIn(): boolean {
    const node = this.#shell?.node ?? null;
    return node !== null && hasComeIn(node);
  }

  /** What it opened with; null: it is not locked. */
  get unlockKey(): string | null {
    return this.#opened?.storage.lock.key ?? null;
  }

  get info(): NodeInfo | null {
    const id = this.#shell?.node?.id;
    const address = this.#peers?.address;
    if (id === undefined || address === undefined) return null;
    return { nodeId: id, address: reachable(address) };
  }

  /** In Prometheus' format. */
  async metrics(): Promise<string> {
    return (await this.#metrics?.registry.metrics()) ?? "";
  }

  /** Null: the node takes part in its cluster. */
  get unreadiness(): string | null {
    const node = this.#shell?.node ?? null;
    return node === null ? "the node is not up" : unreadiness(node);
  }

  /** Rejects on a worker. */
  async backup(): Promise<Uint8Array[]> {
    if (!this.isManager || this.#opened === null) {
      throw new Error("this node is no manager, or not up: only a manager has the cluster's data");
    }
    return nodeArchive(this.#config.dir, await this.#opened.storage.backup());
  }

  #checkOwn({ held }: FoundIdentity): void {
    const { nodeId } = this.#state;
    const shown = held.certificate?.nodeId ?? nodeId;
    if (shown === nodeId) return;
    const { certificates } = this.#config.dir;
    throw new Error(`${certificates} is of node ${shown}, not of ${nodeId}: put back its own`);
  }

  async #openEngine(): Promise<Engine> {
    const { dir } = this.#config;
    const engine = openEngine(this.#options, dir, this.#state, this.#overlays, this.#log);
    this.#engine = await this.#held(engine, () => engine.close());
    const chosen = chosenAs(engine);
    if (chosen !== this.#state.engine) this.#keep({ ...this.#state, engine: chosen });
    return engine;
  }

  async #openPeers(found: FoundIdentity, engine: Engine): Promise<Peers> {
    const { nodeId: id, told } = this.#state;
    const advertise = told?.advertise ?? this.#options.advertiseRemoteApi;
    if (advertise !== "" && !isHere(advertise)) this.#log.warn({ address: advertise }, elsewhere);
    const peers = await openPeers({
      id,
      listen: told?.listen ?? this.#options.listenRemoteApi,
      advertise,
      book: this.#book,
      found,
      control: this.control,
      engine,
      log: this.#log,
      shell: () => this.#shell,
    });
    this.#peers = await this.#held(peers, () => peers.stop());
    return peers;
  }

  /** Closed in the end; at once, and rejects, where the node was stopped while it was opened. */
  async #held<T>(opened: T, close: (opened: T) => unknown): Promise<T> {
    const { signal } = this.#stopping;
    if (signal.aborted) await close(opened);
    signal.throwIfAborted();
    this.#closers.push(() => close(opened));
    return opened;
  }

  /** Finds out who the manager is that the node was told to join; keeps it for the next start. */
  async #find({ network }: Peers): Promise<void> {
    const { joined } = this.#state;
    if (joined === null || joined.manager !== null) return;
    const { address } = joined;
    const { triesMost, log } = this.#config;
    const search = { address, triesMost, stopping: this.#stopping.signal, log };
    const manager = await findManager(network, search);
    this.#keep({ ...this.#state, joined: { address, manager } });
  }

  #keep(state: NodeRecord): void {
    this.#state = state;
    this.#config.dir.write(state);
  }

  #newShell(config: NodeConfig, found: FoundIdentity, opened: Opened): Shell {
    const { storage, engine, peers, mesh, metrics } = opened;
    const answered = (answer: SignerAnswer) => this.#shell?.receive({ kind: "signed", answer });
    const { roots } = found.held;
    const told = (answer: ExternalAnswer) => this.#shell?.receive({ kind: "external", answer });
    const externalCa = new CfsslClient(found.credentials, told);
    const shown = {
      show(own: Credentials) {
        externalCa.show(own);
        peers.identity.show(own);
      },
      trust: peers.identity.trust,
    };
    const signer = new RealSigner(this.#files, storage, roots, shown, answered);
    const trace = (event: NodeEvent) => {
      logEvent(this.#log, event);
      metrics.happened(event);
      this.control.happened(event);
      if (event.kind === "denied") peers.network.denied(event.reason);
      this.#refused(event);
      this.#restored(event);
      this.#checkHeld(event);
    };
    const ports = {
      clock: this.#clock,
      network: peers.network,
      storage,
      executor: engine,
      ingress: mesh,
      overlay: this.#overlays,
      entropy,
      signer,
      externalCa,
      control: this.control,
      trace: { trace },
    };
    return new Shell(config, ports);
  }

  #newMesh(): MeshThread {
    const { listenIngress } = this.#options;
    const mesh = new MeshThread(listenIngress === "" ? null : listenIngress, this.#log);
    this.#closers.push(() => mesh.close());
    return mesh;
  }

  /** A node that was never let in says why; one that was goes on asking. */
  #refused(event: NodeEvent): void {
    const certificate = this.#shell?.node?.identity.certificate ?? null;
    if (event.kind !== "certificate-refused" || certificate !== null) return;
    this.#config.refused(event.reason);
  }

  /** A node made of a backup leads its own cluster, or must not take part in any. */
  #restored(event: NodeEvent): void {
    const { isRestored } = this.#state;
    const { failed, notAlone } = this.#config;
    if (event.kind === "force-refused")
      return isRestored ? failed(event.reason) : notAlone(event.reason);
    if (!isRestored || event.kind !== "role" || event.role !== "leader") return;
    this.#keep({ ...this.#state, isRestored: false });
  }

  /** What it says to the others would count on entries that it does not hold. */
  #checkHeld(event: NodeEvent): void {
    if (event.kind !== "lost-entries") return;
    const { path } = this.#config.dir;
    this.#config.failed(
      `this manager has acknowledged Raft's entry ${event.acknowledged}, and ${path} ends at ` +
        `${event.held}: it is an older copy, or has lost data. Demote and remove this node ` +
        "elsewhere, delete the folder, and join anew",
    );
  }
}
