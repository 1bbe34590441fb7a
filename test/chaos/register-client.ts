import { setTimeout as pause } from "node:timers/promises";
import type { Random } from "../../core/base/random.ts";
import type { ControlClient } from "../../real/api/control-client.ts";
import { RefusedError, UnavailableError } from "../../real/api/patience.ts";
import type { SeenService, ServiceInput, ServiceOutput } from "../../sim/checkers/service-model.ts";
import { commandOf, drawInput, learn, outputOf } from "../../sim/users/client.ts";
import type { ClientHistory } from "../../sim/users/client-history.ts";
import type { RealNode } from "../support/real-cluster.ts";

/** So short that histories hold outcomes that nobody knows. */
const givesUpAfterMs = 2_500;
const thinksMostMs = 30;

/** What distinguishes a client from the others. */
export interface ClientOptions {
  /** From 0. */
  readonly number: number;
  /** How many clients there are. */
  readonly clients: number;
  readonly managers: readonly RealNode[];
}

/**
 * A client of real managers that uses services as registers, as the simulator's clients do: one
 * thing at a time, each by way of a manager that it draws. What it learns goes into the history.
 */
export class RegisterClient {
  readonly #options: ClientOptions;
  readonly #random: Random;
  readonly #history: ClientHistory;
  readonly #managers: readonly ControlClient[];
  readonly #seen = new Map<string, SeenService | null>();
  #process: number;
  #lastValue = 0;

  constructor(options: ClientOptions, random: Random, history: ClientHistory) {
    this.#options = options;
    this.#random = random;
    this.#history = history;
    this.#managers = options.managers.map((node) => node.newClient(givesUpAfterMs));
    this.#process = options.number;
  }

  /** Uses these registers until it is over, then reads each a last time. */
  async use(keys: readonly string[], isOver: () => boolean): Promise<void> {
    while (!isOver()) {
      await this.#ask(drawInput(this.#random, keys, this.#seen, () => this.#newValue()));
      await pause(this.#random.below(thinksMostMs));
    }
  }

  /** Reads each of these once. */
  async read(keys: readonly string[]): Promise<void> {
    for (const key of keys) await this.#ask({ kind: "read", key });
  }

  close(): void {
    for (const client of this.#managers) client.close();
  }

  #newValue(): number {
    this.#lastValue += 1;
    return this.#lastValue * this.#options.clients + this.#options.number;
  }

  /** A client that does not learn what came of a command goes on as a new process. */
  async #ask(input: ServiceInput): Promise<void> {
    this.#history.invoked(this.#process, input);
    if (input.kind !== "read") this.#seen.delete(input.key);
    const output = await this.#answer(input);
    this.#history.ended(this.#process, input, output);
    if (input.kind === "read") learn(this.#seen, input.key, output);
    else if (output === null) this.#process += this.#options.clients;
  }

  async #answer(input: ServiceInput): Promise<ServiceOutput | null> {
    const client = this.#random.pick(this.#managers);
    try {
      if (input.kind === "read") {
        const objects = await client.query({ kind: "get-service", name: input.key });
        return outputOf({ kind: "result", objects });
      }
      return { kind: "done", id: await client.command(commandOf(input)) };
    } catch (error) {
      if (error instanceof RefusedError) return { kind: "refused", code: error.code };
      if (error instanceof UnavailableError) return null;
      throw error;
    }
  }
}
