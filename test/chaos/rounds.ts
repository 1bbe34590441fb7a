import { setTimeout as pause } from "node:timers/promises";
import { Random } from "../../core/base/random.ts";
import { checkLinearizable } from "../../sim/checkers/linearizability.ts";
import { serviceModel } from "../../sim/checkers/service-model.ts";
import { ClientHistory } from "../../sim/users/client-history.ts";
import { processSleeper } from "../support/process-sleeper.ts";
import { RealCluster, type RealNode } from "../support/real-cluster.ts";
import { User } from "../support/user.ts";
import { RegisterClient } from "./register-client.ts";

const managers = 3;
const workers = 2;
const clients = 8;
const keysOfRound = 3;
const steadyReplicas = 6;
/** From the first kill of a round to the last, and how long a node stays away. */
const killsWithinMs = 1_500;
const downMostMs = 1_500;

/**
 * A cluster of real processes of which some are killed in each round, at random moments, while
 * clients use it. After each round all nodes are back, the service that is to run runs, and what
 * the clients were told is linearizable: no command that was acknowledged is lost, none takes
 * effect twice, no read is stale.
 */
export class ChaosRounds {
  readonly cluster = new RealCluster();
  /** All that was asked and told, of all rounds. */
  readonly history = new ClientHistory(new Clock());
  readonly #random: Random;
  readonly #clients: RegisterClient[] = [];
  #round = 0;

  constructor(seed: number) {
    this.#random = new Random([seed, 0, 0, 1]);
  }

  async start(): Promise<void> {
    await this.cluster.start(managers, workers);
    const nodes = this.cluster.nodes.slice(0, managers);
    for (let number = 0; number < clients; number += 1) {
      const random = this.#random.split(`client ${number}`);
      const options = { number, clients, managers: nodes };
      this.#clients.push(new RegisterClient(options, random, this.history));
    }
    await new User(this.cluster).create(processSleeper("steady", steadyReplicas));
  }

  /** One round; says which nodes were killed. Throws an error that says what was broken. */
  async round(): Promise<string> {
    this.#round += 1;
    const keys = keysOf(this.#round);
    let isOver = false;
    const used = this.#clients.map((client) => client.use(keys, () => isOver));
    const victims = this.#victims();
    try {
      await Promise.all(victims.map((node) => this.#kill(node)));
      await this.cluster.ready(managers + workers);
    } finally {
      isOver = true;
      await Promise.all(used);
    }
    await this.#reader.read(keys);
    this.#check();
    await this.cluster.running("steady", steadyReplicas);
    return victims.map(({ name }) => name).join(" ");
  }

  /** Reads all registers of all rounds again: what was written long ago is there still. */
  async finish(): Promise<void> {
    for (let round = 1; round <= this.#round; round += 1) await this.#reader.read(keysOf(round));
    this.#check();
  }

  /** With `keep` what the nodes have written stays where it is. */
  async stop({ keep }: { readonly keep: boolean }): Promise<void> {
    for (const client of this.#clients) client.close();
    await this.cluster.stop({ keep });
  }

  get #reader(): RegisterClient {
    return this.#clients[0] as RegisterClient;
  }

  #victims(): readonly RealNode[] {
    const count = this.#random.between(1, managers + workers);
    return this.#random.shuffled(this.cluster.nodes).slice(0, count);
  }

  /** Some are killed a second time while they start. */
  async #kill(node: RealNode): Promise<void> {
    await pause(this.#random.below(killsWithinMs));
    await node.end("SIGKILL");
    await pause(this.#random.below(downMostMs));
    node.start();
    if (!this.#random.chance(300_000)) return;
    await pause(this.#random.below(killsWithinMs));
    await node.end("SIGKILL");
    node.start();
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
