import type { Random } from "../../core/base/random.ts";
import type { ClientReply } from "../../core/control/command.ts";
import { BrokenInvariant, type Checker } from "../checkers/checker.ts";
import { checkLinearizable } from "../checkers/linearizability.ts";
import { serviceModel } from "../checkers/service-model.ts";
import type { CallerWorld } from "./caller.ts";
import { Client } from "./client.ts";
import { ClientHistory } from "./client-history.ts";

/**
 * Several clients at work on the same few services, and what all of it must have been: one thing
 * after another (Herlihy and Wing, Linearizability, 1990).
 */
export class Clients implements Checker {
  readonly name = "linearizable";
  readonly source = "Herlihy and Wing 1990; Raft thesis 6.3, 6.4";
  checks = 0;
  readonly history: ClientHistory;
  readonly #clients: readonly Client[];

  constructor(count: number, world: CallerWorld, random: Random) {
    this.history = new ClientHistory(world.kernel);
    const keys = keysFor(count);
    this.#clients = Array.from({ length: count }, (_, at) => {
      const plan = { number: at + 1, clients: count, keys };
      return new Client(plan, world, random.split(`client ${at}`), this.history);
    });
  }

  begin(): void {
    for (const client of this.#clients) client.begin();
  }

  finish(): void {
    for (const client of this.#clients) client.finish();
  }

  get count(): number {
    return this.#clients.length;
  }

  get open(): number {
    return this.#clients.reduce((sum, client) => sum + client.open, 0);
  }

  /** The answer to client `number`, which are counted from 1. */
  reply(number: number, token: number, reply: ClientReply): void {
    this.#clients[number - 1]?.reply(token, reply);
  }

  /** Holds all that clients were told against the model. */
  check(): void {
    const operations = this.history.operations();
    this.checks += operations.length;
    const verdict = checkLinearizable(serviceModel, operations);
    if (verdict.kind === "linearizable") return;
    const name = verdict.kind === "undecided" ? `${this.name}-undecided` : this.name;
    throw new BrokenInvariant(name, null, `${verdict.key}: ${verdict.why}`);
  }
}

/** True for the name of a service that is left to clients. */
export function isRegister(name: string): boolean {
  return /^register-\d+$/.test(name);
}

/** Fewer than clients, so that they meet. */
function keysFor(clients: number): string[] {
  const count = 1 + Math.floor(clients / 2);
  return Array.from({ length: count }, (_, at) => `register-${at + 1}`);
}
