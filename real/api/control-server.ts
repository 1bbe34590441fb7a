import {
  type ServerUnaryCall,
  type sendUnaryData,
  status,
  type UntypedServiceImplementation,
} from "@grpc/grpc-js";
import { withoutSecrets } from "../../core/control/answer.ts";
import type { ClientReply, ClientRequest } from "../../core/control/command.ts";
import type { StoreObject, Table } from "../../core/model/change.ts";
import type { NodeEvent } from "../../core/node/event.ts";
import type { Control } from "../../core/ports/control.ts";
import type { Decoded } from "../wire/proto.ts";
import type { WatchEvent, WatchRequest } from "../wire/services.ts";
import { type Authorize, whileAuthorized } from "./authorize.ts";
import { UnavailableError } from "./patience.ts";
import { type Refused, type WatchCall, WatchStream } from "./watch-stream.ts";

/** Requests that wait for their answer; core answers each within seconds. */
const waitingMost = 4096;
const watchersMost = 256;
/** One of this many of the answers that are ready is sent before anything else is looked at. */
const partsOfReady = 4;

/** Who is told what changes, until there is too much of it or the node stops. */
interface Watcher {
  readonly tables: readonly Table[];
  heard(event: WatchEvent): void;
  ended(why: Refused): unknown;
}

type SendCall = ServerUnaryCall<Decoded<ClientRequest>, ClientReply>;

/**
 * The control API: hands requests to core with a token of its own, and core's answers back to who
 * asked. What changes in the store goes to those that watch.
 */
export class ControlServer implements Control {
  readonly #submit: (token: number, request: ClientRequest) => void;
  readonly #waiting = new Map<number, sendUnaryData<ClientReply>>();
  readonly #watchers = new Set<Watcher>();
  /** Answers that are not sent yet, oldest first. */
  readonly #ready: { readonly token: number; readonly reply: ClientReply }[] = [];
  #lastToken = 0;
  #isStopped = false;

  constructor(submit: (token: number, request: ClientRequest) => void) {
    this.#submit = submit;
  }

  /** Requests under way. */
  get waiting(): number {
    return this.#waiting.size;
  }

  reply(token: number, reply: ClientReply): void {
    if (this.#ready.length === 0) setImmediate(() => this.#sendReady());
    this.#ready.push({ token, reply });
  }

  /**
   * A few at a time: what is written leaves only between two turns of the event loop, and so those
   * who are answered first go on while the rest is written.
   */
  #sendReady(): void {
    const few = Math.ceil(this.#ready.length / partsOfReady);
    for (const { token, reply } of this.#ready.splice(0, few)) this.#send(token, reply);
    if (this.#ready.length > 0) setImmediate(() => this.#sendReady());
  }

  #send(token: number, reply: ClientReply): void {
    const answer = this.#waiting.get(token);
    this.#waiting.delete(token);
    answer?.(null, reply);
  }

  /** What happens in the node: watchers are told of what concerns them. */
  happened(event: NodeEvent): void {
    if (event.kind === "restored" || event.kind === "standing") return this.#endWatches(anew);
    if (event.kind !== "applied" || this.#watchers.size === 0) return;
    for (const { previous, current } of event.applied.events) {
      const table = (current ?? previous)?.kind;
      const change = { index: event.index, previous: shown(previous), current: shown(current) };
      for (const { tables, heard } of this.#watchers) {
        if (table === undefined || (tables.length > 0 && !tables.includes(table))) continue;
        heard(change);
      }
    }
  }

  /** Whoever hears it may watch anew. */
  #endWatches(why: Refused): void {
    const watchers = [...this.#watchers];
    this.#watchers.clear();
    for (const { ended } of watchers) ended(why);
  }

  /** The same for a client within this process. Rejects when the node stops. */
  ask(request: ClientRequest): Promise<ClientReply> {
    return new Promise((resolve, reject) => {
      this.#answer(request, (error, reply) => {
        if (error === null && reply != null) resolve(reply);
        else reject(new UnavailableError((error as Refused).details));
      });
    });
  }

  /** The same for a client within this process: until the returned function is called. */
  watch(
    tables: readonly Table[],
    heard: (event: WatchEvent) => void,
    ended: (error: Error) => void,
  ): () => void {
    const refused = this.#noWatch();
    if (refused !== null) throw new UnavailableError(refused.details);
    const watcher: Watcher = {
      tables,
      heard,
      ended: ({ details }) => ended(new UnavailableError(details)),
    };
    this.#watchers.add(watcher);
    return () => this.#watchers.delete(watcher);
  }

  /** The same, and goes on where the store is another all at once. */
  follow(tables: readonly Table[], heard: (event: WatchEvent) => void): () => void {
    const watcher: Watcher = {
      tables,
      heard,
      ended: (why) => why === anew && this.#watchers.add(watcher),
    };
    this.#watchers.add(watcher);
    return () => this.#watchers.delete(watcher);
  }

  /** The handlers of the service, for callers that `authorize` lets in. */
  handlers(authorize: Authorize): UntypedServiceImplementation {
    const send = (call: SendCall, callback: sendUnaryData<ClientReply>) => {
      const refused = refusal(call, authorize) ?? malformed(call.request);
      if (refused !== null) return callback(refused);
      if (call.request.kind === "decoded") this.#answer(call.request.value, callback);
    };
    const watch = (call: WatchCall) => {
      const refused = refusal(call, authorize) ?? malformed(call.request) ?? this.#noWatch();
      if (refused !== null) call.emit("error", refused);
      else if (call.request.kind === "decoded") this.#watch(call, call.request.value, authorize);
    };
    return { send, watch } as unknown as UntypedServiceImplementation;
  }

  /** Whoever waits or watches hears that the node stops. */
  stop(): void {
    this.#isStopped = true;
    for (const { token, reply } of this.#ready.splice(0)) this.#send(token, reply);
    for (const answer of this.#waiting.values()) answer(stopping);
    this.#waiting.clear();
    this.#endWatches(stopping);
  }

  #answer(request: ClientRequest, callback: sendUnaryData<ClientReply>): void {
    if (this.#isStopped) return callback(stopping);
    if (this.#waiting.size >= waitingMost) {
      const details = `${waitingMost} requests wait for an answer already: try again`;
      return callback({ code: status.RESOURCE_EXHAUSTED, details });
    }
    this.#lastToken += 1;
    this.#waiting.set(this.#lastToken, callback);
    this.#submit(this.#lastToken, request);
  }

  #watch(call: WatchCall, { tables }: WatchRequest, authorize: Authorize): void {
    const stream = new WatchStream(call);
    whileAuthorized(call, authorize, (details) => {
      stream.end({ code: status.PERMISSION_DENIED, details });
    });
    const watcher: Watcher = {
      tables,
      heard: (event) => stream.write(event),
      ended: (why) => stream.end(why),
    };
    this.#watchers.add(watcher);
    // One that was cut off and does not read counts as there until its call is over.
    const forget = () => this.#watchers.delete(watcher);
    call.on("cancelled", forget);
    call.on("close", forget);
    call.sendMetadata(call.metadata.clone());
  }

  /** Why nobody more can watch, or null. */
  #noWatch(): Refused | null {
    if (this.#isStopped) return stopping;
    if (this.#watchers.size < watchersMost) return null;
    return { code: status.RESOURCE_EXHAUSTED, details: `${watchersMost} watch here already` };
  }
}

/** The store is another all at once: nobody could tell what has changed. */
const anew: Refused = {
  code: status.ABORTED,
  details: "this manager has begun anew from a snapshot: list what there is and watch anew",
};
const stopping: Refused = { code: status.UNAVAILABLE, details: "the node stops" };

function refusal(call: SendCall | WatchCall, authorize: Authorize): Refused | null {
  const reason = authorize(call);
  return reason === null ? null : { code: status.PERMISSION_DENIED, details: reason };
}

function malformed(request: Decoded<unknown>): Refused | null {
  if (request.kind === "decoded") return null;
  return { code: status.INVALID_ARGUMENT, details: request.reason };
}

function shown(object: StoreObject | null): StoreObject | null {
  return object === null ? null : withoutSecrets(object);
}
