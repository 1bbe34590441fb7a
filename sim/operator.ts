import { assert } from "../core/base/assert.ts";
import type { Random } from "../core/base/random.ts";
import type {
  ClientQuery,
  ClientReply,
  ClientRequest,
  Command,
  Query,
} from "../core/control/command.ts";
import type { RequestId } from "../core/model/change.ts";
import type { Node, NodeRole } from "../core/model/node.ts";
import type { Service, ServiceSpec } from "../core/model/service.ts";
import { type Answer, Caller, type CallerWorld, type Patience } from "./caller.ts";

/** Something a user wants done, however many requests it takes. */
export type Intent =
  | { readonly kind: "create"; readonly spec: ServiceSpec }
  | {
      readonly kind: "change";
      readonly service: string;
      readonly change: (spec: ServiceSpec) => ServiceSpec;
    }
  | { readonly kind: "remove"; readonly service: string }
  | {
      readonly kind: "availability";
      readonly node: string;
      readonly to: Node["spec"]["availability"];
    }
  | { readonly kind: "role"; readonly node: string; readonly to: NodeRole }
  | { readonly kind: "remove-node"; readonly node: string; readonly force: boolean };

/** A user waits for a manager longer than that waits for the leader, and never gives up. */
const patience: Patience = { answerTimeout: 7_000_000, giveUpAfter: Infinity };

/**
 * A user at a terminal: does one thing after another, and repeats each until a manager has said
 * what became of it. A change is read, made and written back with the version that was read; when
 * someone else was faster, it is read again.
 */
export class Operator {
  readonly client: string;
  readonly #caller: Caller;
  readonly #intents: Intent[] = [];
  #current: Intent | null = null;
  #lastSequence = 0;

  constructor(client: string, world: CallerWorld, random: Random) {
    this.client = client;
    this.#caller = new Caller(world, random, patience, 0);
  }

  /** True when everything asked for so far has been answered. */
  get isIdle(): boolean {
    return this.open === 0;
  }

  /** How many things have been asked for and not answered. */
  get open(): number {
    return this.#intents.length + (this.#caller.isWaiting ? 1 : 0);
  }

  /** True while some node is to be promoted or demoted and nobody has said what became of it. */
  get changesRoles(): boolean {
    const open = this.#caller.isWaiting ? [this.#current, ...this.#intents] : this.#intents;
    return open.some((intent) => intent?.kind === "role");
  }

  want(intent: Intent): void {
    this.#intents.push(intent);
    if (!this.#caller.isWaiting) this.#next();
  }

  /** The answer of a manager to the request with `token`. */
  reply(token: number, reply: ClientReply): void {
    this.#caller.reply(token, reply);
  }

  #next(): void {
    const intent = this.#intents.shift();
    this.#current = intent ?? null;
    if (intent !== undefined) this.#begin(intent);
  }

  #begin(intent: Intent): void {
    if (intent.kind === "create") {
      this.#ask(intent, this.#command({ kind: "create-service", spec: intent.spec }));
    } else this.#ask(intent, queryFor(intent));
  }

  #command(command: Command): ClientRequest {
    this.#lastSequence += 1;
    const request: RequestId = { client: this.client, sequence: this.#lastSequence };
    return { kind: "command", request, command };
  }

  #ask(intent: Intent, request: ClientRequest): void {
    this.#caller.ask(request, (answer) => this.#answered(intent, answer));
  }

  #answered(intent: Intent, answer: Answer | null): void {
    assert(answer !== null, "the operator does not give up");
    if (answer.kind === "result") return this.#write(intent, answer.objects[0]);
    const { outcome } = answer;
    const isOutdated =
      outcome.kind === "refused" && outcome.rejection.message === "update out of sequence";
    if (isOutdated) this.#begin(intent);
    else this.#next();
  }

  /** What was to be changed may be gone by now: then there is nothing to do. */
  #write(intent: Intent, object: Node | Service | object | undefined): void {
    const command = object === undefined ? null : commandFor(intent, object as Node | Service);
    if (command === null) this.#next();
    else this.#ask(intent, this.#command(command));
  }
}

function queryFor(intent: Exclude<Intent, { kind: "create" }>): ClientQuery {
  const query: Query =
    "node" in intent
      ? { kind: "get-node", id: intent.node }
      : { kind: "get-service", name: intent.service };
  return { kind: "query", query, consistency: "linearizable" };
}

function commandFor(intent: Intent, object: Node | Service): Command | null {
  const { id, meta } = object;
  if (object.kind === "node" && "node" in intent) {
    if (intent.kind === "remove-node") return { kind: "remove-node", id, force: intent.force };
    const change =
      intent.kind === "role" ? { desiredRole: intent.to } : { availability: intent.to };
    return { kind: "update-node", id, version: meta.version, spec: { ...object.spec, ...change } };
  }
  if (intent.kind === "change" && object.kind === "service") {
    const spec = intent.change(object.spec);
    return { kind: "update-service", id, version: meta.version, spec };
  }
  return intent.kind === "remove" ? { kind: "remove-service", id } : null;
}
