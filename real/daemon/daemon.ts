import type { Logger } from "pino";
import { ControlServer } from "../api/control-server.ts";
import { localHandlers } from "../api/local-server.ts";
import type { OutsideState } from "../docker-api/outside.ts";
import { DockerApi } from "./docker-api.ts";
import type { HttpPages } from "./http.ts";
import { localActions } from "./local-actions.ts";
import { LocalServers } from "./local-servers.ts";
import { LockGate, lockedReason } from "./lock-gate.ts";
import { processMetrics } from "./metrics.ts";
import { NodeMembership, type Surface } from "./node-membership.ts";
import type { NodeRunner } from "./node-runner.ts";
import type { DaemonOptions } from "./options.ts";
import { StateDir } from "./state-dir.ts";

/** What requests are answered with where the node takes no part in a cluster. */
const outsideReasons = {
  inactive:
    "this node is in no cluster: 'swarmctl cluster init' or 'swarmctl cluster join' changes that",
  pending: "this node is about to come into its cluster: try again",
  error: "this node can't take part in its cluster",
} as const;

/** One process: a node, in a cluster or on standby, and what it serves on its own machine. */
export class Daemon implements Surface {
  readonly #log: Logger;
  readonly #gate = new LockGate();
  readonly #docker: DockerApi;
  readonly #servers: LocalServers;
  readonly #membership: NodeMembership;
  readonly #process = processMetrics();
  readonly #local: ReturnType<typeof localHandlers>;
  #outside: string | null = "the node is not up";
  /** Whoever has unlocked the node waits for this. */
  #isUp: () => void = () => undefined;
  #isStopping = false;

  /** `failed` hears when the node can't go on. */
  constructor(options: DaemonOptions, log: Logger, failed: (reason: string) => void) {
    this.#log = log;
    this.#docker = new DockerApi(options, log);
    this.#local = localHandlers(localActions(options, this.#gate, () => this.#membership));
    this.#servers = new LocalServers(options, this.#pages());
    this.#membership = new NodeMembership({
      ...{ options, log, dir: new StateDir(options.stateDir), surface: this, failed },
      askKey: (problemOf, stopping) => this.#askKey(problemOf, stopping),
      opened: () => this.#opened(),
    });
  }

  /** Rejects with what is wrong and what to do about it. */
  start(): Promise<void> {
    return this.#membership.start();
  }

  /** In order: clients hear it, and then the node stops. */
  async stop(): Promise<void> {
    this.#isStopping = true;
    this.#membership.node?.control.stop();
    this.#docker.close();
    await this.#servers.close();
    await this.#membership.stop();
  }

  /** Nothing is founded or joined by a node that could not be asked. */
  async #opened(): Promise<void> {
    await this.#servers.checkSocket();
    await this.#docker.check();
    await this.#servers.openPages();
  }

  async inside({ served }: NodeRunner): Promise<void> {
    if (this.#isStopping) return;
    this.#outside = null;
    const open = () => null;
    const control = { ...served.control.handlers(open), ...served.logs.handlers(open) };
    await this.#servers.openSocket({ control, local: this.#local });
    await this.#docker.open(served, this.#membership);
    this.#isUp();
  }

  async outside(state: OutsideState): Promise<void> {
    if (this.#isStopping) return;
    const reason = reasonOf(state);
    this.#outside = reason;
    const control = new ControlServer(() => undefined).handlers(() => reason);
    await this.#servers.openSocket({ control, local: this.#local });
    await this.#docker.openOutside(state, this.#membership);
  }

  /** Serves nothing of the cluster but that it is locked, until somebody opens it. */
  async #askKey(
    problemOf: (unlockKey: string) => string | null,
    stopping: AbortSignal,
  ): Promise<string> {
    const found = this.#gate.wait(problemOf, stopping);
    found.catch(() => undefined);
    await this.#servers.openPages();
    const up = new Promise<void>((resolve) => {
      this.#isUp = resolve;
    });
    const unlock = (unlockKey: string) => this.#gate.unlock(unlockKey);
    await this.outside({ kind: "locked", unlock, up });
    this.#log.warn(lockedReason);
    const unlockKey = await found;
    this.#log.info("the manager is unlocked");
    return unlockKey;
  }

  #pages(): HttpPages {
    return {
      metrics: async () => {
        const ofNode = await this.#membership.node?.metrics();
        return `${await this.#process.metrics()}\n${ofNode ?? ""}`;
      },
      healthy: () => (this.#isStopping ? "the node stops" : null),
      ready: () => this.#outside ?? this.#membership.node?.unreadiness ?? null,
    };
  }
}

function reasonOf(state: OutsideState): string {
  if (state.kind === "locked") return lockedReason;
  const reason = outsideReasons[state.kind];
  return state.kind === "error" ? `${reason}: ${state.reason}` : reason;
}
