import { rmSync } from "node:fs";
import { Random } from "../../core/base/random.ts";
import { checkLinearizable } from "../../sim/checkers/linearizability.ts";
import { serviceModel } from "../../sim/checkers/service-model.ts";
import { ClientHistory } from "../../sim/users/client-history.ts";
import { Machines } from "../support/machines.ts";
import { processSleeper } from "../support/process-sleeper.ts";
import { RealCluster, type RealNode } from "../support/real-cluster.ts";
import { User } from "../support/user.ts";
import { type Fault, Faults } from "./faults.ts";
import { RegisterClient } from "./register-client.ts";

const managers = 3;
const workers = 2;
const clients = 8;
const keysOfRound = 3;
const steadyReplicas = 6;
const names = ["m1", "m2", "m3", "w1", "w2"];

/**
 * A cluster of real processes to some of which something happens in each round, at random moments,
 * while clients use it. After each round all nodes are back, the service that is to run runs, and
 * what the clients were told is linearizable: no command that was acknowledged is lost, none takes
 * effect twice, no read is stale.
 */
export class ChaosRounds {
  readonly cluster: RealCluster;
  /** All that was asked and told, of all rounds. */
  readonly history = new ClientHistory(new Clock());
  readonly #random: Random;
  readonly #faults: Faults;
  readonly #clients: RegisterClient[] = [];
  #round = 0;

  /** With other faults than kills each node is a machine of its own, which needs root. */
  constructor(seed: number, kinds: readonly Fault[] = ["kill"]) {
    this.#random = new Random([seed, 0, 0, 1]);
    const machines = kinds.every((kind) => kind === "kill") ? null : new Machines();
    this.cluster = new RealCluster({ machines, engine: null });
    this.#faults = new Faults(this.#random.split("faults"), kinds, machines);
  }

  async start(): Promise<void> {
    for (const name of names) this.#faults.prepare(this.cluster.folder, name);
    await this.cluster.start(managers, workers);
    for (const node of this.cluster.nodes) this.#faults.watch(node);
    const nodes = this.cluster.nodes.slice(0, managers);
    for (let number = 0; number < clients; number += 1) {
      const random = this.#random.split(`client ${number}`);
      const options = { number, clients, managers: nodes };
      this.#clients.push(new RegisterClient(options, random, this.history));
    }
    await new User(this.cluster).create(processSleeper("steady", steadyReplicas));
  }

  /** One round; says what has happened to whom. Throws an error that says what was broken. */
  async round(): Promise<string> {
    this.#round += 1;
    const keys = keysOf(this.#round);
    let isOver = false;
    const used = this.#clients.map((client) => client.use(keys, () => isOver));
    let told = "";
    try {
      told = await this.#faults.befall(this.#victims());
      await this.cluster.ready(managers + workers);
    } finally {
      isOver = true;
      await Promise.all(used);
    }
    await this.#reader.read(keys);
    this.#check();
    await this.cluster.running("steady", steadyReplicas);
    this.#faults.check();
    return told;
  }

  /** Reads all registers of all rounds again: what was written long ago is there still. */
  async finish(): Promise<void> {
    for (let round = 1; round <= this.#round; round += 1) await this.#reader.read(keysOf(round));
    this.#check();
  }

  /** With `keep` what the nodes have written stays where it is, disks of their own as images. */
  async stop({ keep }: { readonly keep: boolean }): Promise<void> {
    for (const client of this.#clients) client.close();
    await this.cluster.stop({ keep: true });
    this.#faults.remove();
    if (!keep) rmSync(this.cluster.folder, { recursive: true, force: true });
  }

  get #reader(): RegisterClient {
    return this.#clients[0] as RegisterClient;
  }

  #victims(): readonly RealNode[] {
    const count = this.#random.between(1, managers + workers);
    return this.#random.shuffled(this.cluster.nodes).slice(0, count);
  }

  #check(): void {
    const verdict = checkLinearizable(serviceModel, this.history.operations());
    if (verdict.kind === "linearizable") return;
    throw new Error(`${verdict.key} is ${verdict.kind}: ${verdict.why}`);
  }
}

/** Of this machine, in microseconds. */
class Clock {
  get now(): number {
    return Math.round(performance.now() * 1_000);
  }
}

function keysOf(round: number): readonly string[] {
  return Array.from({ length: keysOfRound }, (_, at) => `round-${round}-${at}`);
}
