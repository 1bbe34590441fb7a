import { setTimeout as pause } from "node:timers/promises";
import type { Logger } from "pino";
import { settingsProblem } from "../../core/control/cluster.ts";
import type { ClusterSpec } from "../../core/model/cluster.ts";
import { parseToken } from "../../core/model/join-token.ts";
import { Backoff } from "../backoff.ts";
import { checkForced, initRequestOf, isForced, joinRequestOf } from "../docker-api/map/entering.ts";
import type { Membership } from "../docker-api/membership-routes.ts";
import type { OutsideState } from "../docker-api/outside.ts";
import { ApiError } from "../docker-api/routes.ts";
import { hostPortOf } from "../host-port.ts";
import { Overlays } from "../overlay/overlays.ts";
import { IdentityFiles } from "../signer/identity-files.ts";
import { demoteFirst } from "./demote-first.ts";
import { newCluster, newOverlays } from "./new-cluster.ts";
import { NodeRunner, type NodeRunnerConfig } from "./node-runner.ts";
import { openEngine } from "./open-engine.ts";
import type { DaemonOptions } from "./options.ts";
import { isHere } from "./reachable.ts";
import {
  type Kept,
  type NodeRecord,
  newState,
  type StateDir,
  stateFor,
  type WhoRuns,
} from "./state-dir.ts";

/** How long a client waits for its node to join (moby `swarmConnectTimeout`). */
const joinWithinMs = 20_000;
/** A manager that can't be reached is tried this often before the client is told. */
const triesOfJoin = 5;
const lookEveryMs = 50;

/** In Docker's words (moby `daemon/cluster/errors.go`). */
const alreadyIn =
  'This node is already part of a swarm. Use "docker swarm leave" to leave this swarm and join ' +
  "another one.";
const notIn = "This node is not part of a swarm";
const late =
  "Timeout was reached before node joined. The attempt to join the swarm will continue in the " +
  'background. Use the "docker info" command to see the current swarm status of your node.';

/** What the process serves on its machine, by how the node stands to its cluster. */
export interface Surface {
  inside(node: NodeRunner): Promise<void>;
  outside(state: OutsideState): Promise<void>;
}

export interface NodeMembershipConfig extends Pick<NodeRunnerConfig, "askKey" | "failed"> {
  readonly options: DaemonOptions;
  readonly log: Logger;
  readonly dir: StateDir;
  readonly surface: Surface;
  /** The state directory is this process's. */
  opened(): Promise<void>;
}

/**
 * Brings the node into a cluster and out of it, as its state directory says and its user asks.
 *
 * Model: the state directory says in one file, which is replaced as a whole, whether the node is in
 * a cluster, on its way out, or in none. What is asked for is done one after the other, and begins
 * with that file: whatever ends the process in between, the next start goes on from there. A node
 * on standby that can't be brought up says so, and is tried again.
 */
export class NodeMembership implements Membership {
  readonly #config: NodeMembershipConfig;
  readonly #options: DaemonOptions;
  readonly #dir: StateDir;
  readonly #backoff = new Backoff();
  /** By its command line the node is to go on alone, and has not found yet that it can't. */
  #forces: boolean;
  #node: NodeRunner | null = null;
  #retry: NodeJS.Timeout | null = null;
  /** Ends the wait for a node that is not let in. */
  #giveUp: (error: Error) => void = () => undefined;
  #turn: Promise<unknown> = Promise.resolve();

  constructor(config: NodeMembershipConfig) {
    this.#config = config;
    this.#options = config.options;
    this.#dir = config.dir;
    this.#forces = config.options.forceNewCluster;
  }

  /** Null while the node is in no cluster. */
  get node(): NodeRunner | null {
    return this.#node;
  }

  /** Rejects with what is wrong and what to do about it; on standby only where it is for good. */
  async start(): Promise<void> {
    const { kept } = this.#dir;
    if (kept.kind === "left" && !kept.isDone) await this.#forget(kept);
    const state = this.#stateAtStart(kept);
    if (state === null) {
      this.#dir.make();
      await this.#config.opened();
      return this.#standBy();
    }
    if (!this.#isOnStandby(state)) return this.#bringUnlessItLeaves(state);
    await this.#config.surface.outside({ kind: "pending" });
    this.#persevere(state);
  }

  async stop(): Promise<void> {
    await this.#end();
  }

  init(body: unknown): Promise<string> {
    return this.#inTurn(async () => {
      const { heartbeatTick, electionTick, autolock, externalCa: externalCas } = this.#options;
      const ticks = { heartbeatTicks: heartbeatTick, electionTicks: electionTick };
      const defaults = { cluster: newCluster, overlays: newOverlays(this.#options) };
      if (isForced(body) && this.#dir.read() !== null) {
        checkForced(body, defaults, ticks);
        return this.#goAlone();
      }
      await this.#checkOutside();
      const cluster = { ...newCluster, autoLockManagers: autolock, externalCas };
      const asked = initRequestOf(body, { ...defaults, cluster }, ticks);
      checkSettings(asked.cluster);
      const { cluster: founded, overlays, ...place } = asked;
      const state = newState(null, { ...place, founding: { cluster: founded, overlays } });
      await this.#comeIn(state, "");
      return state.nodeId;
    });
  }

  join(body: unknown): Promise<void> {
    return this.#inTurn(async () => {
      await this.#checkOutside();
      const { remote, token, ...place } = joinRequestOf(body);
      if (parseToken(token) === null) throw new ApiError(400, "invalid join token");
      await this.#comeIn(newState(remote, { ...place, founding: null }), token);
    });
  }

  leave(force: boolean): Promise<void> {
    return this.#inTurn(async () => {
      const state = this.#dir.read();
      if (state === null) throw new ApiError(503, notIn);
      if (force && this.#node !== null) await demoteFirst(this.#node, this.#config.log);
      await this.#goOut(state);
    });
  }

  #inTurn<T>(act: () => Promise<T>): Promise<T> {
    const turn = this.#turn.then(act);
    this.#turn = turn.catch(() => undefined);
    return turn;
  }

  /** Who the node is, on its disk from the first moment on; null: in no cluster. */
  #stateAtStart(kept: Kept): NodeRecord | null {
    const { joinAddr, joinToken, standby, forceNewCluster } = this.#options;
    const waits = standby && joinAddr === undefined;
    if (forceNewCluster && kept.kind !== "member") throw this.#nothingToForce();
    if (kept.kind === "left" || (kept.kind === "nothing" && waits)) return null;
    const files = this.#files;
    if (joinToken !== undefined && !files.hasJoined) files.writeToken(checkedToken(joinToken));
    const state =
      kept.kind === "nothing"
        ? newState(joinAddr ?? null, null)
        : stateFor(this.#moved(kept.state), joinAddr, files.hasJoined);
    this.#dir.write(state);
    return state;
  }

  /** It would be another cluster, with nothing of the one that its user thinks of. */
  #nothingToForce(): Error {
    const how = "name the folder of a manager that is left, or found a cluster without that option";
    return new Error(`there is no node in ${this.#dir.path} to go on alone: ${how}`);
  }

  /**
   * A node may be on another machine than when it was told where it is: from its command line it
   * takes what is not true any more, or all of it where it was made of a backup.
   */
  #moved(state: NodeRecord): NodeRecord {
    const { told, isRestored } = state;
    if (told === null) return state;
    const { listenRemoteApi, advertiseRemoteApi: advertise } = this.#options;
    const isLost = told.advertise !== "" && !isHere(told.advertise);
    const replaces = advertise !== "" && (isLost || isRestored);
    const keepsListening =
      isHere(told.listen) && !(replaces && portOf(listenRemoteApi) === portOf(advertise));
    const listen = keepsListening ? told.listen : listenRemoteApi;
    return {
      ...state,
      told: { ...told, listen, advertise: replaces ? advertise : told.advertise },
    };
  }

  get #files(): IdentityFiles {
    return new IdentityFiles(this.#dir.certificates);
  }

  /** One whose process must not end only because its cluster can't be had. */
  #isOnStandby({ told }: NodeRecord): boolean {
    return this.#options.standby || told !== null;
  }

  async #checkOutside(): Promise<void> {
    const { kept } = this.#dir;
    if (kept.kind === "member") throw new ApiError(503, alreadyIn);
    if (kept.kind === "left" && !kept.isDone) await this.#forget(kept);
    if (!this.#dir.isOrphaned) return;
    const how = "choose another --state-dir, or delete this one if it is not needed any more";
    throw new ApiError(500, `${this.#dir.store} is of a node that nothing else is left of: ${how}`);
  }

  /** What goes wrong before the client has given up leaves the node where it was. */
  async #comeIn(state: NodeRecord, token: string): Promise<void> {
    this.#files.writeToken(token);
    this.#dir.write(state);
    await this.#config.surface.outside({ kind: "pending" });
    const entering = this.#enter(state, { triesMost: triesOfJoin });
    const outcomes: Promise<"in" | "late" | Error>[] = [
      entering.then(
        () => "in",
        (error: Error) => error,
      ),
    ];
    if (state.joined !== null) outcomes.push(pause(joinWithinMs, "late", { ref: false }));
    const outcome = await Promise.race(outcomes);
    if (outcome === "in") return;
    if (outcome === "late") {
      this.#follow(state, entering);
      throw new ApiError(503, late);
    }
    await this.#goOut(state);
    throw new ApiError(400, outcome.message);
  }

  /** Of several managers the only one that is left: the others are lost for good. */
  async #goAlone(): Promise<string> {
    const node = this.#node;
    const state = this.#dir.read();
    if (node === null || state === null || !node.isManager) {
      throw new ApiError(503, "This node is not a swarm manager: only one can form a new cluster");
    }
    const { unlockKey } = node;
    await this.#end();
    const key = unlockKey === null ? {} : { unlockKey };
    const entering = this.#enter(state, { forceNewCluster: true, ...key });
    try {
      await entering;
    } catch (error) {
      if (this.#node?.isManager !== true) this.#follow(state, entering);
      throw new ApiError(503, (error as Error).message);
    }
    return state.nodeId;
  }

  async #goOut(state: NodeRecord): Promise<void> {
    const who = this.#dir.read() ?? state;
    this.#dir.leave(who);
    try {
      await this.#end();
      await this.#forget(who);
    } finally {
      await this.#standBy();
    }
  }

  async #standBy(): Promise<void> {
    this.#config.log.info("the node is in no cluster: it waits to be told to init or join");
    await this.#config.surface.outside({ kind: "inactive" });
  }

  /** Nothing is left of the node that leaves: neither what it runs, nor what it has kept. */
  async #forget(who: WhoRuns): Promise<void> {
    const { nodeId } = who;
    const overlays = new Overlays(this.#config.log);
    const engine = openEngine(this.#options, this.#dir, who, overlays, this.#config.log);
    try {
      await engine.clear();
    } catch (error) {
      const what = "containers of the node that leaves may be left on its engine";
      this.#config.log.error({ id: nodeId, reason: (error as Error).message }, what);
    }
    await engine.close();
    await overlays.close();
    this.#dir.empty(nodeId);
  }

  #persevere(state: NodeRecord): void {
    this.#follow(state, this.#enter(state));
  }

  /** What stands in the way is shown, and tried again after a while. */
  #follow(state: NodeRecord, entering: Promise<void>): void {
    const node = this.#node;
    entering.then(
      () => this.#backoff.reset(),
      (error: Error) => {
        if (node !== this.#node || node === null) return;
        if (!node.isOpen) return this.#config.failed(error.message);
        void this.#troubled(state, node, error.message);
      },
    );
  }

  async #troubled(state: NodeRecord, node: NodeRunner, reason: string): Promise<void> {
    this.#config.log.error({ reason }, "the node can't take part in its cluster");
    await this.#config.surface.outside({ kind: "error", reason });
    await node.stop();
    if (node !== this.#node) return;
    this.#retry = setTimeout(() => this.#persevere(state), this.#backoff.takeMs());
  }

  /** Until the node takes part. Rejects with what is in the way, or why it is not let in. */
  #enter(state: NodeRecord, more: More = {}): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#giveUp = reject;
      this.#bring(state, more)
        .then(() => this.#untilIn())
        .then(resolve, reject);
    });
  }

  async #bring(state: NodeRecord, { triesMost = null, ...options }: More = {}): Promise<void> {
    const { log, askKey, failed, opened, surface } = this.#config;
    const giveUp = (reason: string) => this.#giveUp(new Error(reason));
    const isPatient = this.#isOnStandby(state);
    const end = (reason: string) => failed(`the cluster does not let this node in: ${reason}`);
    const goOn = () => {
      this.#forces = false;
    };
    const isAsked = options.forceNewCluster === true;
    const forceNewCluster = isAsked || this.#forces;
    const node = new NodeRunner({
      ...{ options: { ...this.#options, ...options, forceNewCluster }, log, dir: this.#dir },
      ...{ state, triesMost, askKey, failed, refused: isPatient ? giveUp : end },
      notAlone: isAsked ? giveUp : goOn,
    });
    this.#node = node;
    await node.open();
    await opened();
    await node.start();
    await surface.inside(node);
  }

  /** A manager that waits for its key may be told to leave meanwhile. */
  async #bringUnlessItLeaves(state: NodeRecord): Promise<void> {
    const bringing = this.#bring(state);
    const node = this.#node;
    await bringing.catch((error) => {
      if (node === this.#node) throw error;
    });
  }

  async #untilIn(): Promise<void> {
    for (const node = this.#node; node?.isIn !== true; ) {
      if (node === null || node !== this.#node) throw new Error("the node has stopped");
      await pause(lookEveryMs);
    }
  }

  async #end(): Promise<void> {
    if (this.#retry !== null) clearTimeout(this.#retry);
    const node = this.#node;
    this.#node = null;
    await node?.stop();
  }
}

function portOf(address: string): number {
  return hostPortOf(address).port;
}

/** What one attempt differs in. */
type More = Partial<Pick<DaemonOptions, "forceNewCluster" | "unlockKey">> & {
  readonly triesMost?: number | null;
};

/** In the words of Docker, which asks the swarm after it has founded it. */
function checkSettings(cluster: ClusterSpec): void {
  const problem = settingsProblem(cluster);
  if (problem === null) return;
  const frame = "error updating cluster settings: rpc error: code = InvalidArgument desc =";
  throw new ApiError(400, `${frame} ${problem}`);
}

function checkedToken(joinToken: string): string {
  if (parseToken(joinToken) !== null) return joinToken;
  const how = "'swarmctl cluster join-token worker' shows one";
  throw new Error(`'${joinToken}' is no join token: ${how}`);
}
