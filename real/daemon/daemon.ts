import { rmSync } from "node:fs";
import { setTimeout as pause } from "node:timers/promises";
import type { Logger } from "pino";
import { noBug } from "../../core/base/planted.ts";
import { seconds } from "../../core/base/time.ts";
import { defaultClusterSpec } from "../../core/model/cluster.ts";
import { parseToken } from "../../core/model/join-token.ts";
import { newestLevel } from "../../core/model/level.ts";
import { defaultRaftTiming, type NodeConfig } from "../../core/node/config.ts";
import type { NodeEvent } from "../../core/node/event.ts";
import { Shell } from "../../core/node/shell.ts";
import type { Storage } from "../../core/ports/storage.ts";
import { ControlServer } from "../api/control-server.ts";
import { chooseEngine } from "../choose-engine.ts";
import { RealClock } from "../clock.ts";
import { pairOf } from "../ctl/units.ts";
import type { Engine } from "../engine.ts";
import { entropy } from "../entropy.ts";
import { AddressBook } from "../grpc/address-book.ts";
import { serveSocket } from "../grpc/server.ts";
import { ProcessEngine } from "../process/process-engine.ts";
import { type FoundIdentity, IdentityFiles } from "../signer/identity-files.ts";
import { RealSigner } from "../signer/signer.ts";
import { type OpenStorage, openStorage } from "../storage/open-storage.ts";
import type { RealStorage } from "../storage/real-storage.ts";
import { newUnlockKey } from "../storage/unlock-key.ts";
import { payloadCodec } from "../wire/payload.ts";
import { snapshotsAsBytes } from "../wire/snapshot-bytes.ts";
import { serveHttp } from "./http.ts";
import { logEvent } from "./log.ts";
import { type Metrics, newMetrics } from "./metrics.ts";
import type { DaemonOptions } from "./options.ts";
import { openPeers, type Peers } from "./peers.ts";
import { type NodeState, StateDir, stateFor } from "./state-dir.ts";

/** How often a node that joins looks for the manager it was told of. */
const discoverEveryMs = 1_000;

/** Nodes of a new cluster report so often, and are down after so many reports missed. */
const newCluster = { ...defaultClusterSpec, heartbeatPeriod: seconds(1), heartbeatGrace: 4 };

/** Marks containers as those of swarmd, whatever the cluster. */
const clusterId = "simswarm";

/** What the shell's ports are made of. */
interface Opened {
  readonly storage: Storage;
  readonly engine: Engine;
  readonly peers: Peers;
  readonly metrics: Metrics;
}

/**
 * One node as a process has it: core's shell on real ports. Everything is opened before the node
 * boots, so that what can't be had is said before anything has changed.
 */
export class Daemon {
  readonly #options: DaemonOptions;
  readonly #log: Logger;
  readonly #fail: (reason: string) => void;
  readonly #dir: StateDir;
  readonly #files: IdentityFiles;
  readonly #book: AddressBook;
  readonly #control: ControlServer;
  readonly #stopping = new AbortController();
  /** What is to be closed in the end, the last one first. */
  readonly #closers: (() => unknown)[] = [];
  #shell: Shell | null = null;

  /** `fail` hears when the node can't go on. Throws where the state directory is no good. */
  constructor(options: DaemonOptions, log: Logger, fail: (reason: string) => void) {
    this.#options = options;
    this.#log = log;
    this.#fail = fail;
    this.#dir = new StateDir(options.stateDir);
    this.#files = new IdentityFiles(this.#dir.certificates);
    this.#book = new AddressBook(this.#dir.addresses);
    this.#control = new ControlServer((token, request) =>
      this.#shell?.receive({ kind: "request", token, request }),
    );
  }

  /** Rejects with what is wrong and what to do about it. */
  async start(): Promise<void> {
    const state = this.#stateNow();
    const found = this.#files.read();
    const { storage, durable } = await this.#openStorage(state.nodeId);
    const engine = await this.#openEngine(state.nodeId);
    const peers = await this.#openPeers(state.nodeId, found);
    const config = await this.#config(await this.#found(state, peers), engine, peers);
    const metrics = newMetrics(() => this.#shell?.node ?? null, peers.network);
    const containers = await engine.existing();
    const shell = this.#newShell(config, found, { storage, engine, peers, metrics });
    this.#shell = shell;
    shell.boot(durable, containers, found.held);
    engine.listen((event) => shell.receive({ kind: "executor", event }));
    await this.#serve(metrics);
    this.#log.info({ id: state.nodeId, address: peers.address }, "the node is up");
  }

  /** In order: clients hear it, nothing is sent any more, containers run on, the disk is closed. */
  async stop(): Promise<void> {
    this.#stopping.abort();
    this.#shell = null;
    this.#control.stop();
    for (const close of this.#closers.splice(0).reverse()) await close();
  }

  /** Who the node is, on its disk from the first moment on. */
  #stateNow(): NodeState {
    const known = this.#dir.read();
    this.#keepToken();
    const state = stateFor(known, this.#options.joinAddr, this.#files.hasJoined);
    this.#dir.write(state);
    return state;
  }

  #keepToken(): void {
    const { joinToken } = this.#options;
    if (joinToken === undefined || this.#files.hasJoined) return;
    if (parseToken(joinToken) === null) {
      const how = "'swarmctl cluster join-token worker' shows one";
      throw new Error(`'${joinToken}' is no join token: ${how}`);
    }
    this.#files.writeToken(joinToken);
  }

  async #openStorage(nodeId: string): Promise<OpenStorage> {
    const { unlockKey = null, autolock } = this.#options;
    const opened = await openStorage({
      folder: this.#dir.store,
      owner: { nodeId, clusterId: null },
      codec: payloadCodec,
      unlockKey,
      acknowledge: (number) => this.#shell?.receive({ kind: "written", number }),
      failed: this.#fail,
    });
    this.#closers.push(() => opened.storage.close());
    if (autolock && unlockKey === null) await this.#lock(opened.storage);
    return opened;
  }

  /** Locks the node's data; the key is told once, and is nowhere on this machine. */
  async #lock(storage: RealStorage): Promise<void> {
    const key = newUnlockKey();
    await storage.lock(key);
    process.stderr.write(
      `swarmd: this node's data is locked from now on. Start it again with\n\n` +
        `  --unlock-key ${key}\n\nand keep that key: without it the data can't be read.\n`,
    );
  }

  async #openEngine(nodeId: string): Promise<Engine> {
    const { engineAddr, executor } = this.#options;
    const own = { folder: this.#dir.tasks, nodeId };
    const engine =
      executor === "process"
        ? new ProcessEngine(own)
        : await chooseEngine({ ...own, address: engineAddr ?? null, clusterId });
    this.#closers.push(() => engine.close());
    return engine;
  }

  async #openPeers(id: string, found: FoundIdentity): Promise<Peers> {
    const peers = await openPeers({
      id,
      listen: this.#options.listenRemoteApi,
      advertise: this.#options.advertiseRemoteApi,
      book: this.#book,
      found,
      control: this.#control,
      log: this.#log,
      shell: () => this.#shell,
    });
    this.#closers.push(() => peers.stop());
    return peers;
  }

  /** Finds out who the manager is that a node was told to join; keeps it for the next start. */
  async #found({ nodeId, joined }: NodeState, peers: Peers): Promise<NodeState> {
    if (joined === null || joined.manager !== null) return { nodeId, joined };
    const { address } = joined;
    for (;;) {
      try {
        const { id } = await peers.network.discover(address);
        const state = { nodeId, joined: { address, manager: id } };
        this.#dir.write(state);
        return state;
      } catch (error) {
        const { message } = error as Error;
        if (message.includes("unknown authority")) {
          throw new Error(
            `${address} is not of the cluster that the join token is for: ${message}`,
          );
        }
        this.#log.warn({ address, reason: message }, "can't reach the manager to join by");
        await pause(discoverEveryMs, undefined, { signal: this.#stopping.signal });
      }
    }
  }

  async #config({ nodeId: id, joined }: NodeState, engine: Engine, peers: Peers) {
    const { hostname, label, genericNodeResources: genericResources } = this.#options;
    const described = await engine.describe();
    const engineLabels = new Map([...described.engineLabels, ...label.map(pairOf)]);
    const address = peers.address.replace(/:\d+$/, "").replace(/^\[|\]$/g, "");
    const known = [...this.#book.managers.keys()].filter((each) => each !== id);
    const contacts = joined?.manager === null ? known : [joined?.manager ?? id, ...known];
    const { tick: tickInterval, heartbeatTick, electionTick, forceNewCluster } = this.#options;
    return {
      id,
      managers: joined === null ? [id] : [...new Set(contacts)],
      forceNewCluster,
      description: {
        ...described,
        hostname,
        engineLabels,
        genericResources,
        address: address === "0.0.0.0" || address === "::" ? "" : address,
        level: newestLevel,
      },
      cluster: newCluster,
      raft: {
        ...defaultRaftTiming,
        tickInterval,
        heartbeatTicks: heartbeatTick,
        electionTicks: electionTick,
      },
      planted: noBug,
      snapshotCodec: snapshotsAsBytes(),
    } satisfies NodeConfig;
  }

  #newShell(config: NodeConfig, found: FoundIdentity, opened: Opened): Shell {
    const { storage, engine, peers, metrics } = opened;
    const signer = new RealSigner(this.#files, found.held.roots, peers.identity, (answer) =>
      this.#shell?.receive({ kind: "signed", answer }),
    );
    const trace = (event: NodeEvent) => {
      logEvent(this.#log, event);
      metrics.happened(event);
      this.#control.happened(event);
      this.#refused(event);
    };
    const ports = {
      clock: new RealClock(),
      network: peers.network,
      storage,
      executor: engine,
      entropy,
      signer,
      control: this.#control,
      trace: { trace },
    };
    return new Shell(config, ports);
  }

  /** A node that was never let in says why and ends; one that was goes on asking. */
  #refused(event: NodeEvent): void {
    const certificate = this.#shell?.node?.identity.certificate ?? null;
    if (event.kind !== "certificate-refused" || certificate !== null) return;
    this.#fail(`the cluster does not let this node in: ${event.reason}`);
  }

  async #serve({ registry }: Metrics): Promise<void> {
    const { listenControlApi, listenMetrics } = this.#options;
    rmSync(listenControlApi, { force: true });
    this.#closers.push(
      await serveSocket(
        listenControlApi,
        this.#control.handlers(() => null),
      ),
    );
    if (listenMetrics === "") return;
    const server = await serveHttp(listenMetrics, {
      metrics: () => registry.metrics(),
      contentType: registry.contentType,
      healthy: () => (this.#shell === null ? "the node stops" : null),
      ready: () => this.#readiness(),
    });
    this.#closers.push(() => server.close());
  }

  /** Null: the node takes part in its cluster. */
  #readiness(): string | null {
    const node = this.#shell?.node ?? null;
    if (node === null) return "the node is not up";
    if (node.identity.certificate === null) return "the node has not joined yet";
    if (node.member === null)
      return node.agent.leader === null ? "no session with a manager" : null;
    return node.member.raft.leader === null ? "no leader is known" : null;
  }
}
