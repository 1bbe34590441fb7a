import type { Random } from "../core/base/random.ts";
import type {
  ClientQuery,
  ClientReply,
  ClientRequest,
  Command,
  Query,
} from "../core/control/command.ts";
import type { RequestId } from "../core/model/change.ts";
import type { Node } from "../core/model/node.ts";
import type { Service, ServiceSpec } from "../core/model/service.ts";
import type { Host } from "./host.ts";
import { EventKind, type Kernel } from "./kernel.ts";
import type { WorldObserver } from "./observer.ts";

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
    };

const requestLatency = 200;
const answerTimeout = 7_000_000;
const pauseBeforeRetry = 500_000;

/** The request on its way: repeated word for word until something is known of it. */
interface Pending {
  readonly token: number;
  readonly request: ClientRequest;
  readonly intent: Intent;
}

/**
 * A user at a terminal: does one thing after another, and repeats each until a manager has said
 * what became of it. A change is read, made and written back with the version that was read; when
 * someone else was faster, it is read again.
 */
export class Operator {
  readonly client: string;
  readonly #kernel: Kernel;
  readonly #managers: readonly Host[];
  readonly #random: Random;
  readonly #observer: WorldObserver;
  readonly #intents: Intent[] = [];
  #pending: Pending | null = null;
  #target: Host;
  #lastToken = 0;
  #lastSequence = 0;

  constructor(
    client: string,
    kernel: Kernel,
    managers: readonly Host[],
    random: Random,
    observer: WorldObserver,
  ) {
    this.client = client;
    this.#kernel = kernel;
    this.#managers = managers;
    this.#random = random;
    this.#observer = observer;
    this.#target = random.pick(managers);
  }

  /** True when everything asked for so far has been answered. */
  get isIdle(): boolean {
    return this.#pending === null && this.#intents.length === 0;
  }

  /** How many things have been asked for and not answered. */
  get open(): number {
    return this.#intents.length + (this.#pending === null ? 0 : 1);
  }

  want(intent: Intent): void {
    this.#intents.push(intent);
    if (this.#pending === null) this.#next();
  }

  /** The answer of a manager to the request with `token`; late ones are no longer waited for. */
  reply(token: number, reply: ClientReply): void {
    this.#kernel.schedule(requestLatency, EventKind.REPLY, -1, reply, () => {
      const pending = this.#pending;
      if (pending === null || pending.token !== token) return false;
      this.#observer.acknowledged(pending.request, reply);
      this.#answered(pending, reply);
      return true;
    });
  }

  #next(): void {
    const intent = this.#intents.shift();
    this.#pending = null;
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
    this.#lastToken += 1;
    const token = this.#lastToken;
    this.#pending = { token, request, intent };
    const target = this.#target;
    this.#kernel.schedule(requestLatency, EventKind.REQUEST, target.number, request, () => {
      if (this.#pending?.token !== token) return false;
      if (!target.receive({ kind: "request", token, request })) this.#retryLater(token, null);
      return true;
    });
    this.#kernel.schedule(answerTimeout, EventKind.CLIENT, -1, "timeout", () => {
      if (this.#pending?.token !== token) return false;
      this.#retry(token, null);
      return true;
    });
  }

  #retryLater(token: number, leader: string | null): void {
    this.#kernel.schedule(pauseBeforeRetry, EventKind.CLIENT, -1, "retry", () => {
      if (this.#pending?.token !== token) return false;
      this.#retry(token, leader);
      return true;
    });
  }

  #retry(token: number, leader: string | null): void {
    const pending = this.#pending;
    if (pending === null || pending.token !== token) return;
    const hinted = this.#managers.find((manager) => manager.name === leader);
    this.#target = hinted ?? this.#random.pick(this.#managers);
    this.#ask(pending.intent, pending.request);
  }

  #answered({ token, intent }: Pending, reply: ClientReply): void {
    switch (reply.kind) {
      case "try-again":
        return this.#retryLater(token, reply.leader);
      case "result":
        return this.#write(intent, reply.objects[0]);
      case "outcome": {
        const { outcome } = reply;
        const isOutdated =
          outcome.kind === "refused" && outcome.rejection.message === "update out of sequence";
        return isOutdated ? this.#begin(intent) : this.#next();
      }
    }
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
    intent.kind === "availability"
      ? { kind: "get-node", id: intent.node }
      : { kind: "get-service", name: intent.service };
  return { kind: "query", query, consistency: "linearizable" };
}

function commandFor(intent: Intent, object: Node | Service): Command | null {
  const { id, meta } = object;
  if (intent.kind === "availability" && object.kind === "node") {
    const { labels } = object.spec;
    return { kind: "update-node", id, version: meta.version, availability: intent.to, labels };
  }
  if (intent.kind === "change" && object.kind === "service") {
    const spec = intent.change(object.spec);
    return { kind: "update-service", id, version: meta.version, spec };
  }
  return intent.kind === "remove" ? { kind: "remove-service", id } : null;
}
