import { type ChildProcess, spawn } from "node:child_process";
import { randomInt } from "node:crypto";
import { mkdirSync, openSync, readFileSync } from "node:fs";
import { createServer } from "node:net";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { ChannelCredentials } from "@grpc/grpc-js";
import type { ListedNode } from "../../core/model/node.ts";
import { ControlClient } from "../api/control-client.ts";
import { troubleOf } from "../text-file.ts";
import { DevFolder } from "./dev-folder.ts";
import { removeTasks } from "./remove-tasks.ts";
import { StateDir } from "./state-dir.ts";

/** What `swarmd dev` is told. */
export interface DevOptions {
  readonly managers: number;
  readonly workers: number;
  readonly executor: "auto" | "process";
}

const lookEveryMs = 100;
const startPatienceMs = 60_000;
const stopPatienceMs = 5_000;

interface DevNode {
  readonly name: string;
  readonly folder: string;
  readonly process: ChildProcess;
}

/** The manager by which a node joins, and what lets it in. */
interface Joined {
  readonly address: string;
  readonly token: string;
}

/**
 * A whole cluster on this machine: a process for each node, on loopback. It is gone without a trace
 * when `stop` returns, except for the folder of one that did not come up: its logs say why.
 */
export class DevCluster {
  readonly #folder = DevFolder.make();
  readonly #options: DevOptions;
  readonly #program: string;
  readonly #nodes: DevNode[] = [];
  #isStopping = false;
  #hasFailed = false;

  /** `program` is the path of `swarmd` itself. */
  constructor(options: DevOptions, program: string) {
    this.#options = options;
    this.#program = program;
  }

  /** Of all nodes, and their logs. */
  get folder(): string {
    return this.#folder.path;
  }

  /** The first manager's, for clients. */
  get socket(): string {
    return join(this.folder, "manager-1", "swarmd.sock");
  }

  /** The first manager's of Docker's API. */
  get dockerSocket(): string {
    return join(this.folder, "manager-1", "docker.sock");
  }

  /** Starts all nodes, and waits until each of them is ready. `told` hears how far it is. */
  async start(told: (text: string) => void): Promise<void> {
    await removeLeft(told);
    const { managers, workers } = this.#options;
    const first = `127.0.0.1:${await freePort()}`;
    this.#spawn("manager-1", first);
    const client = this.#client();
    try {
      const ca = await this.#until(async () => {
        const [cluster] = await client.query({ kind: "get-cluster" });
        return cluster?.ca ?? null;
      });
      told("manager-1 is up\n");
      await this.#join("manager", 2, managers, first, ca.joinTokens.manager);
      await this.#join("worker", 1, workers, first, ca.joinTokens.worker);
      const count = managers + workers;
      await this.#until(async () => {
        const nodes = await client.query({ kind: "list-nodes" });
        return nodes.length === count && areUp(nodes) ? nodes : null;
      });
    } finally {
      client.close();
    }
  }

  /** Ends all nodes and whatever they run, and removes what they kept; not after a failed start. */
  async stop(): Promise<void> {
    this.#isStopping = true;
    for (const { process } of this.#nodes) process.kill("SIGTERM");
    await Promise.all(this.#nodes.map(({ process }) => ended(process)));
    if (!this.#hasFailed) return this.#folder.remove();
    this.#folder.keep();
    for (const { folder } of this.#nodes) await removeTasks(new StateDir(folder));
  }

  async #join(
    role: "manager" | "worker",
    from: number,
    to: number,
    address: string,
    token: string,
  ): Promise<void> {
    for (let number = from; number <= to; number += 1) {
      const own = `127.0.0.1:${await freePort()}`;
      this.#spawn(`${role}-${number}`, own, { address, token });
    }
  }

  /** Throws when the cluster has been stopped meanwhile: nobody would end the process. */
  #spawn(name: string, address: string, joined: Joined | null = null): void {
    this.#throwIfStopping();
    const folder = join(this.folder, name);
    mkdirSync(folder, { mode: 0o700 });
    const log = openSync(join(folder, "log"), "a");
    const args = [
      ...["--state-dir", folder, "--hostname", name, "--listen-remote-api", address],
      ...["--listen-control-api", join(folder, "swarmd.sock")],
      ...["--listen-ingress", `127.0.0.${this.#nodes.length + 1}`],
      ...["--docker-socket", join(folder, "docker.sock")],
      ...["--executor", this.#options.executor],
      ...(joined === null ? [] : ["--join-addr", joined.address]),
    ];
    // Arguments are there for everybody on the machine to see.
    const env = { ...process.env, SWARM_JOIN_TOKEN: joined?.token };
    const stdio: ["ignore", number, number] = ["ignore", log, log];
    const child = spawn(process.execPath, [this.#program, ...args], { env, stdio });
    this.#nodes.push({ name, folder, process: child });
    if (child.pid !== undefined) this.#folder.note(child.pid);
  }

  #client(): ControlClient {
    const credentials = ChannelCredentials.createInsecure();
    return new ControlClient(`unix://${this.socket}`, credentials, lookEveryMs * 10);
  }

  /** Asks again until there is an answer; throws when a node has ended, or none comes. */
  async #until<T>(ask: () => Promise<T | null>): Promise<T> {
    const end = performance.now() + startPatienceMs;
    for (; performance.now() < end; await pause(lookEveryMs)) {
      this.#throwIfStopping();
      const failed = this.#nodes.find(({ process }) => hasEnded(process));
      if (failed !== undefined) this.#failOf(failed);
      const found = await ask().catch(() => null);
      if (found !== null) return found;
    }
    return this.#fail("the cluster does not come up", `the logs in ${this.folder}`);
  }

  #throwIfStopping(): void {
    if (this.#isStopping) throw new Error("stopped while it started");
  }

  /** With the reason, where it has given one. */
  #failOf({ name, folder }: DevNode): never {
    const log = join(folder, "log");
    const [, reason] = /^swarmd: (.+)$/m.exec(readFileSync(log, "utf8")) ?? [];
    return this.#fail(`${name} has ended${reason === undefined ? "" : `: ${reason}`}`, log);
  }

  #fail(what: string, where: string): never {
    this.#hasFailed = true;
    throw new Error(`${what}: see ${where}`);
  }
}

/** What a `swarmd dev` has left that was killed. */
async function removeLeft(told: (text: string) => void): Promise<void> {
  for (const folder of DevFolder.left()) {
    told(`removing a cluster whose 'swarmd dev' was killed: ${folder.path}\n`);
    await folder.remove().catch((error) => told(`it is still there: ${troubleOf(error)}\n`));
  }
}

/**
 * Whether each does its part. A manager has its vote too: without it, it does not count yet when
 * another is lost.
 */
function areUp(nodes: readonly ListedNode[]): boolean {
  return nodes.every(({ status, managerStatus }) => {
    if (status.state !== "ready") return false;
    return managerStatus === null || managerStatus.reachability === "reachable";
  });
}

/** Below those that systems give to whoever asks for any, or opens a connection. */
const ports = { from: 10_000, below: 32_768 };
const portsTried = 20;

/** A port of loopback that nobody listens on, nor is given by chance before it is used. */
export async function freePort(): Promise<number> {
  for (let tried = 1; ; tried += 1) {
    const port = randomInt(ports.from, ports.below);
    try {
      await listenOnce(port);
      return port;
    } catch (error) {
      if (tried === portsTried) throw error;
    }
  }
}

function listenOnce(port: number): Promise<void> {
  const server = createServer();
  return new Promise((resolve, reject) => {
    server.once("error", reject);
    server.listen(port, "127.0.0.1", () => server.close(() => resolve()));
  });
}

function ended(child: ChildProcess): Promise<void> {
  if (hasEnded(child)) return Promise.resolve();
  return new Promise((resolve) => {
    const timer = setTimeout(() => child.kill("SIGKILL"), stopPatienceMs);
    child.once("exit", () => {
      clearTimeout(timer);
      resolve();
    });
  });
}

/** By itself, or by a signal. */
function hasEnded({ exitCode, signalCode }: ChildProcess): boolean {
  return exitCode !== null || signalCode !== null;
}
