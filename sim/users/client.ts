import type { Random } from "../../core/base/random.ts";
import type { ClientReply, ClientRequest, Command } from "../../core/control/command.ts";
import type { Service, ServiceSpec } from "../../core/model/service.ts";
import { serviceSpec } from "../../core/model/service-defaults.ts";
import { exponential } from "../chance/draw.ts";
import type { SeenService, ServiceInput, ServiceOutput } from "../checkers/service-model.ts";
import { EventKind } from "../kernel.ts";
import { Caller, type CallerWorld, type FinalReply, type Patience } from "./caller.ts";
import type { ClientHistory } from "./client-history.ts";

/** Shorter than a pause or a partition, so that histories hold outcomes that nobody knows. */
const patience: Patience = { answerTimeout: 3_000_000, giveUpAfter: 12_000_000 };
const thinkingMean = 100_000;
/** Tokens of one caller. */
const tokensEach = 0x1_0000_0000;

/** Which caller gave out a token: 0 is the operator, then come the clients, then other users. */
export function callerOf(token: number): number {
  return Math.floor(token / tokensEach);
}

/** The tokens of a caller are above this. */
export function firstTokenOf(caller: number): number {
  return caller * tokensEach;
}

export interface ClientPlan {
  /** From 1. */
  readonly number: number;
  /** How many clients there are. */
  readonly clients: number;
  readonly keys: readonly string[];
}

/**
 * One of several clients that use services as registers: a service name is a key, its `value` label
 * what the register holds, and an update with the version that was read a compare-and-set. Services
 * have no replicas, so nothing runs. Each value is written once, by one client.
 *
 * A client does one thing at a time. What it can't learn the outcome of it leaves open, and goes on
 * as a new process, as Jepsen's clients do.
 */
export class Client {
  readonly #plan: ClientPlan;
  readonly #world: CallerWorld;
  readonly #random: Random;
  readonly #history: ClientHistory;
  readonly #caller: Caller;
  /** What the last read of a key showed, until the client has tried to change it. */
  readonly #seen = new Map<string, SeenService | null>();
  /** Keys to read once more before the client is done; null while it still works. */
  #lastReads: string[] | null = null;
  #process: number;
  #lastSequence = 0;
  #lastValue = 0;

  constructor(plan: ClientPlan, world: CallerWorld, random: Random, history: ClientHistory) {
    this.#plan = plan;
    this.#world = world;
    this.#random = random;
    this.#history = history;
    this.#caller = new Caller(world, random, patience, firstTokenOf(plan.number));
    this.#process = plan.number - 1;
  }

  /** How many things it still wants to know. Only after `finish` does it come to an end. */
  get open(): number {
    return (this.#caller.isWaiting ? 1 : 0) + (this.#lastReads?.length ?? 0);
  }

  begin(): void {
    this.#think();
  }

  /** Changes nothing more; reads every key a last time. */
  finish(): void {
    this.#lastReads = [...this.#plan.keys];
    if (!this.#caller.isWaiting) this.#next();
  }

  reply(token: number, reply: ClientReply): void {
    this.#caller.reply(token, reply);
  }

  #think(): void {
    const delay = exponential(this.#random, thinkingMean) + 1;
    this.#world.kernel.schedule(delay, EventKind.CLIENT, -1, "thinks", () => {
      if (this.#lastReads !== null || this.#caller.isWaiting) return false;
      this.#next();
      return true;
    });
  }

  #next(): void {
    if (this.#lastReads === null) return this.#ask(this.#draw());
    const key = this.#lastReads.shift();
    if (key !== undefined) this.#ask({ kind: "read", key });
  }

  #draw(): ServiceInput {
    return drawInput(this.#random, this.#plan.keys, this.#seen, () => this.#newValue());
  }

  #newValue(): number {
    this.#lastValue += 1;
    return this.#lastValue * this.#plan.clients + this.#plan.number;
  }

  #ask(input: ServiceInput): void {
    this.#history.invoked(this.#process, input);
    if (input.kind !== "read") this.#seen.delete(input.key);
    this.#caller.moveOn();
    this.#caller.ask(this.#request(input), (answer) => {
      const output = answer === null ? null : outputOf(answer);
      this.#history.ended(this.#process, input, output);
      if (input.kind === "read") learn(this.#seen, input.key, output);
      else if (output === null) this.#process += this.#plan.clients;
      if (this.#lastReads === null) this.#think();
      else this.#next();
    });
  }

  #request(input: ServiceInput): ClientRequest {
    if (input.kind === "read") {
      const query = { kind: "get-service", name: input.key } as const;
      return { kind: "query", query, consistency: "linearizable" };
    }
    this.#lastSequence += 1;
    const request = { client: `client-${this.#plan.number}`, sequence: this.#lastSequence };
    return { kind: "command", request, command: commandOf(input) };
  }
}

/**
 * What a client that uses services as registers asks for next. `seen` is what its last read of a
 * key showed, null a service that is not there; `newValue` gives values that nobody else writes.
 */
export function drawInput(
  random: Random,
  keys: readonly string[],
  seen: ReadonlyMap<string, SeenService | null>,
  newValue: () => number,
): ServiceInput {
  const key = random.pick(keys);
  const known = seen.get(key);
  if (known === undefined || random.chance(300_000)) return { kind: "read", key };
  if (known === null) return { kind: "create", key, value: newValue() };
  const { id, version, value: from } = known;
  if (random.chance(150_000)) return { kind: "remove", key, id };
  return { kind: "update", key, id, version, from, value: newValue() };
}

/** The command by which a register is written. */
export function commandOf(input: Exclude<ServiceInput, { kind: "read" }>): Command {
  switch (input.kind) {
    case "create":
      return { kind: "create-service", spec: specOf(input) };
    case "update": {
      const { id, version } = input;
      return { kind: "update-service", id, version, spec: specOf(input) };
    }
    case "remove":
      return { kind: "remove-service", id: input.id };
  }
}

function specOf({ key, value }: { readonly key: string; readonly value: number }): ServiceSpec {
  return { ...serviceSpec(key, "register", 0), labels: new Map([["value", String(value)]]) };
}

/** What an answer says of a register. */
export function outputOf(answer: FinalReply): ServiceOutput {
  if (answer.kind === "result") {
    const service = answer.objects[0] as Service | undefined;
    if (service === undefined) return { kind: "absent" };
    const value = Number(service.spec.labels.get("value"));
    return { kind: "found", service: { id: service.id, version: service.meta.version, value } };
  }
  const { outcome } = answer;
  if (outcome.kind === "done") return { kind: "done", id: outcome.result };
  return { kind: "refused", code: outcome.rejection.code };
}

/** Notes in `seen` what a read of `key` has shown; null: nothing is known of it. */
export function learn(
  seen: Map<string, SeenService | null>,
  key: string,
  output: ServiceOutput | null,
): void {
  if (output?.kind === "found") seen.set(key, output.service);
  if (output?.kind === "absent") seen.set(key, null);
}
