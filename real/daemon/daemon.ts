import type { Logger } from "pino";
import { parseToken } from "../../core/model/join-token.ts";
import { ControlServer } from "../api/control-server.ts";
import { localHandlers } from "../api/local-server.ts";
import { IdentityFiles } from "../signer/identity-files.ts";
import { DockerApi } from "./docker-api.ts";
import type { HttpPages } from "./http.ts";
import { LocalServers } from "./local-servers.ts";
import { LockGate, lockedReason } from "./lock-gate.ts";
import { NodeRunner } from "./node-runner.ts";
import type { DaemonOptions } from "./options.ts";
import { type NodeState, StateDir, stateFor } from "./state-dir.ts";

/** One process: a node, and what it serves on its own machine. */
export class Daemon {
  readonly #options: DaemonOptions;
  readonly #log: Logger;
  readonly #fail: (reason: string) => void;
  readonly #dir: StateDir;
  readonly #gate = new LockGate();
  readonly #docker: DockerApi;
  readonly #servers: LocalServers;
  readonly #local = localHandlers({
    unlock: (unlockKey) => this.#gate.unlock(unlockKey),
    info: () => this.#node?.info ?? null,
    backup: () => this.#backup(),
  });
  #node: NodeRunner | null = null;
  #isStopping = false;

  /** `fail` hears when the node can't go on. */
  constructor(options: DaemonOptions, log: Logger, fail: (reason: string) => void) {
    this.#options = options;
    this.#log = log;
    this.#fail = fail;
    this.#dir = new StateDir(options.stateDir);
    this.#docker = new DockerApi(options, log);
    this.#servers = new LocalServers(options, this.#pages());
  }

  /** Rejects with what is wrong and what to do about it. */
  async start(): Promise<void> {
    const node = this.#newNode(this.#stateNow());
    this.#node = node;
    await node.open();
    await this.#servers.openPages();
    await node.start();
    const { served } = node;
    const open = () => null;
    const control = { ...served.control.handlers(open), ...served.logs.handlers(open) };
    await this.#servers.openSocket({ control, local: this.#local });
    await this.#docker.open(served);
  }

  /** In order: clients hear it, and then the node stops. */
  async stop(): Promise<void> {
    this.#isStopping = true;
    this.#node?.control.stop();
    this.#docker.close();
    await this.#servers.close();
    await this.#node?.stop();
  }

  /** Who the node is, on its disk from the first moment on. */
  #stateNow(): NodeState {
    const known = this.#dir.read();
    const files = new IdentityFiles(this.#dir.certificates);
    const { joinAddr, joinToken } = this.#options;
    if (joinToken !== undefined && !files.hasJoined) files.writeToken(checkedToken(joinToken));
    const state = stateFor(known, joinAddr, files.hasJoined);
    this.#dir.write(state);
    return state;
  }

  #newNode(state: NodeState): NodeRunner {
    return new NodeRunner({
      ...{ options: this.#options, log: this.#log, dir: this.#dir, state },
      askKey: (problemOf, stopping) => this.#askKey(problemOf, stopping),
      failed: this.#fail,
    });
  }

  /** Serves nothing but that it is locked, until somebody opens it. */
  async #askKey(
    problemOf: (unlockKey: string) => string | null,
    stopping: AbortSignal,
  ): Promise<string> {
    const found = this.#gate.wait(problemOf, stopping);
    found.catch(() => undefined);
    await this.#servers.openPages();
    const control = new ControlServer(() => undefined).handlers(() => lockedReason);
    await this.#servers.openSocket({ control, local: this.#local });
    await this.#docker.openLocked((unlockKey) => this.#gate.unlock(unlockKey));
    this.#log.warn(lockedReason);
    const unlockKey = await found;
    this.#log.info("the manager is unlocked");
    return unlockKey;
  }

  async #backup(): Promise<Uint8Array> {
    if (this.#node === null) throw new Error("the node is not up");
    return this.#node.backup();
  }

  #pages(): HttpPages {
    return {
      metrics: async () => (await this.#node?.metrics()) ?? "",
      healthy: () => (this.#isStopping ? "the node stops" : null),
      ready: () => (this.#gate.isLocked ? lockedReason : (this.#node?.unreadiness ?? null)),
    };
  }
}

function checkedToken(joinToken: string): string {
  if (parseToken(joinToken) !== null) return joinToken;
  const how = "'swarmctl cluster join-token worker' shows one";
  throw new Error(`'${joinToken}' is no join token: ${how}`);
}
