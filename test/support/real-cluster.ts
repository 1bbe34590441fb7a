import { type ChildProcess, spawn } from "node:child_process";
import { randomInt } from "node:crypto";
import { existsSync, mkdtempSync, openSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { ChannelCredentials } from "@grpc/grpc-js";
import type { ListedNode } from "../../core/model/node.ts";
import type { Task } from "../../core/model/task.ts";
import { stateName, TaskState } from "../../core/model/task-state.ts";
import { ControlClient } from "../../real/api/control-client.ts";
import { freePort } from "../../real/daemon/dev.ts";
import { removeTasks } from "../../real/daemon/remove-tasks.ts";
import { StateDir } from "../../real/daemon/state-dir.ts";
import { removeContainers } from "./docker.ts";
import type { Machines } from "./machines.ts";
import { patienceMs } from "./patience.ts";

/** Real nodes: a process for each, on loopback or on machines of their own. */

/** What all nodes of a cluster have in common. */
export interface RealClusterOptions {
  /** Where the nodes run; null: side by side on loopback. */
  readonly machines: Machines | null;
  /** Of the Docker engine that runs their tasks, or that of a machine; null: plain processes. */
  readonly engine: string | null | ((machine: string) => string);
  /** Goes before the command of a node, on the machine where that runs. */
  readonly enter?: (name: string) => readonly string[];
}

/** Clusters that share an engine must not share addresses of their overlays. */
function ownPool(): string {
  return `10.${randomInt(16, 240)}.${randomInt(16) * 16}.0/20`;
}

/** Of a client that is told nothing else: a command on a busy machine may take ten seconds. */
const clientPatienceMs = 30_000;

const program = fileURLToPath(new URL("../../dist/bin/swarmd.js", import.meta.url));

/** Asks again until the answer is not null; says what never came. */
export async function until<T>(what: string, ask: () => Promise<T | null>): Promise<T> {
  let trouble = "";
  for (const end = Date.now() + patienceMs; Date.now() < end; ) {
    trouble = "";
    const found = await ask().catch((error: Error) => {
      trouble = `: ${error.message}`;
      return null;
    });
    if (found !== null) return found;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  throw new Error(`never came: ${what}${trouble}`);
}

/**
 * Does it again, under another name, until it takes less than so many milliseconds, three times at
 * most: what a cluster can do in a time is no less for a machine that was busy with something else.
 */
export async function atBest(limitMs: number, does: (name: string) => Promise<number>) {
  const took: number[] = [];
  while (took.length < 3 && !took.some((each) => each < limitMs)) {
    took.push(await does(`attempt-${took.length + 1}`));
  }
  if (!took.some((each) => each < limitMs)) {
    throw new Error(`never in ${limitMs} ms, but in ${took.join(", ")}`);
  }
}

// For whoever reads that something never came.

function stateOf({ description, status }: ListedNode): string {
  return `${description.hostname} is ${status.state} ${status.message}`;
}

function standOf({ name, nodeId, status, desiredState }: Task): string {
  const { state, err } = status;
  return `${name} is ${stateName(state)}, wanted ${stateName(desiredState)}, on ${nodeId} ${err}`;
}

export class RealNode {
  readonly name: string;
  readonly folder: string;
  readonly address: string;
  readonly client: ControlClient;
  #process: ChildProcess | null = null;
  #pid: number | undefined;
  readonly #command: readonly string[];

  /** `args` follow those that every node has; `enter` goes before the command that starts it. */
  constructor(
    name: string,
    parent: string,
    address: string,
    args: readonly string[],
    enter: readonly string[] = [],
  ) {
    this.name = name;
    this.folder = join(parent, name);
    this.address = address;
    this.client = this.newClient();
    this.#command = [
      ...[...enter, process.execPath, program],
      ...["--state-dir", this.folder, "--hostname", name, "--listen-remote-api", address],
      ...["--listen-control-api", this.socket, "--executor", "process", ...args],
    ];
  }

  /** Of the process that runs. */
  get pid(): number {
    return this.#process?.pid ?? 0;
  }

  get isRunning(): boolean {
    return this.#process !== null && !this.hasEndedByItself;
  }

  /** Not by `end`. */
  get hasEndedByItself(): boolean {
    const child = this.#process;
    return child !== null && (child.exitCode !== null || child.signalCode !== null);
  }

  get socket(): string {
    return `${this.folder}.sock`;
  }

  /** One that may ask beside the others: each asks one thing at a time. */
  newClient(givesUpAfterMs = clientPatienceMs): ControlClient {
    return this.clientAt(this.socket, givesUpAfterMs);
  }

  /** One of another socket, where the node was told so. */
  clientAt(socket: string, givesUpAfterMs = clientPatienceMs): ControlClient {
    const credentials = ChannelCredentials.createInsecure();
    return new ControlClient(`unix://${socket}`, credentials, givesUpAfterMs);
  }

  get log(): string {
    return readFileSync(`${this.folder}.log`, "utf8");
  }

  get id(): string {
    const state = new StateDir(this.folder).read();
    if (state === null) throw new Error(`${this.name} has never been up`);
    return state.nodeId;
  }

  start(...more: string[]): void {
    const log = openSync(`${this.folder}.log`, "a");
    const stdio: ["ignore", number, number] = ["ignore", log, log];
    const [command = "", ...args] = [...this.#command, ...more];
    this.#process = spawn(command, args, { stdio });
    this.#pid = this.#process.pid;
  }

  /** What the process ended with. */
  async end(signal: NodeJS.Signals): Promise<number | null> {
    const child = this.#process;
    this.#process = null;
    if (child === null || child.exitCode !== null) return child?.exitCode ?? null;
    const ended = new Promise<number | null>((resolve) => child.once("exit", resolve));
    child.kill(signal);
    return ended;
  }

  /** Does not wait for what comes of it. */
  signal(signal: NodeJS.Signals): void {
    if (this.#pid !== undefined) process.kill(this.#pid, signal);
  }

  /** With which the process ends by itself. */
  exited(): Promise<number | null> {
    const child = this.#process as ChildProcess;
    if (child.exitCode !== null) return Promise.resolve(child.exitCode);
    return new Promise((resolve) => child.once("exit", resolve));
  }
}

export class RealCluster {
  readonly folder = mkdtempSync(join(tmpdir(), "real-cluster-"));
  readonly nodes: RealNode[] = [];
  readonly #options: RealClusterOptions;

  constructor(options: RealClusterOptions = { machines: null, engine: null }) {
    this.#options = options;
  }

  /** A node that has not been started. */
  async node(name: string, ...args: string[]): Promise<RealNode> {
    const { machines, engine, enter = () => [] } = this.#options;
    machines?.add(name);
    const address = machines?.address(name) ?? `127.0.0.1:${await freePort()}`;
    const itsOwn = typeof engine === "function" ? engine(name) : engine;
    const founds = this.nodes.length === 0 && !args.includes("--join-addr");
    const pool = founds ? ["--default-addr-pool", ownPool()] : [];
    const executor = itsOwn === null ? [] : ["--executor", "auto", "--engine-addr", itsOwn];
    const way = [...(machines?.enter(name) ?? []), ...enter(name)];
    const node = new RealNode(name, this.folder, address, [...executor, ...pool, ...args], way);
    this.nodes.push(node);
    return node;
  }

  named(name: string): RealNode {
    const found = this.nodes.find((each) => each.name === name);
    if (found === undefined) throw new Error(`there is no node ${name}`);
    return found;
  }

  get first(): RealNode {
    return this.nodes[0] as RealNode;
  }

  /** The founder, then the others, until all of them are ready. */
  async start(managers: number, workers: number): Promise<void> {
    (await this.node("m1")).start();
    for (let number = 2; number <= managers; number += 1) await this.join(`m${number}`, "manager");
    for (let number = 1; number <= workers; number += 1) await this.join(`w${number}`, "worker");
    await this.ready(managers + workers);
    for (const node of this.nodes.slice(0, managers)) await this.hasVote(node);
  }

  /** Until then the cluster can spare nobody for it. */
  async hasVote({ name, id, client }: RealNode): Promise<void> {
    await until(`a vote of ${name}`, async () => {
      const own = (await this.listed(client)).find((each) => each.id === id);
      return own?.managerStatus?.reachability === "reachable" || null;
    });
  }

  async join(name: string, role: "manager" | "worker", ...args: string[]): Promise<RealNode> {
    const { joinTokens } = await this.authority();
    const joining = ["--join-addr", this.first.address, "--join-token", joinTokens[role]];
    const node = await this.node(name, ...joining, ...args);
    node.start();
    return node;
  }

  async authority(client = this.first.client) {
    return until("certificates of the cluster", async () => {
      const [cluster] = await client.query({ kind: "get-cluster" });
      return cluster?.ca ?? null;
    });
  }

  async listed(client = this.first.client): Promise<readonly ListedNode[]> {
    return await client.query({ kind: "list-nodes" });
  }

  async ready(count: number, client = this.first.client): Promise<void> {
    await until(`${count} nodes that are ready`, async () => {
      const nodes = await this.listed(client);
      if (nodes.filter(({ status }) => status.state === "ready").length === count) return true;
      throw new Error(nodes.map(stateOf).join("; "));
    });
  }

  /** The running tasks of a service, as soon as there are exactly so many. */
  async running(name: string, count: number, client = this.first.client) {
    return until(`${count} running tasks of ${name}`, async () => {
      const [service] = await client.query({ kind: "get-service", name });
      const query = { kind: "list-tasks", service: service?.id ?? "" } as const;
      const tasks = await client.query(query);
      const running = tasks.filter(
        ({ status, desiredState }) =>
          status.state === TaskState.RUNNING && desiredState === TaskState.RUNNING,
      );
      if (running.length === count) return running;
      throw new Error(tasks.map(standOf).join("; "));
    });
  }

  /** Ends all processes, tasks among them. With `keep` what the nodes have written stays. */
  async stop({ keep = false } = {}): Promise<void> {
    await Promise.all(this.nodes.map((node) => node.end("SIGKILL")));
    const { engine, machines } = this.#options;
    try {
      for (const node of this.nodes) {
        node.client.close();
        if (!existsSync(node.folder)) continue;
        const dir = new StateDir(node.folder);
        const state = dir.read();
        if (engine === null) await removeTasks(dir);
        else if (typeof engine === "string" && state !== null) {
          await removeContainers(engine, state.nodeId);
        }
      }
    } finally {
      machines?.remove();
      if (!keep) rmSync(this.folder, { recursive: true, force: true });
    }
  }
}
