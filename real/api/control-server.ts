import {
  type ServerUnaryCall,
  type ServerWritableStream,
  type sendUnaryData,
  status,
  type UntypedServiceImplementation,
} from "@grpc/grpc-js";
import type { ClientReply, ClientRequest } from "../../core/control/command.ts";
import { withoutSecrets } from "../../core/control/control.ts";
import type { StoreObject } from "../../core/model/change.ts";
import type { NodeEvent } from "../../core/node/event.ts";
import type { Control } from "../../core/ports/control.ts";
import type { Decoded } from "../wire/proto.ts";
import type { WatchEvent, WatchRequest } from "../wire/services.ts";

/** Requests that wait for their answer; core answers each within seconds. */
const waitingMost = 4096;
/** Events that one watcher may be behind before it is cut off. */
const behindMost = 4096;
const watchersMost = 256;

/** Why the caller may not use the API, or null. */
export type Authorize = (call: { getPeer(): string }) => string | null;

type SendCall = ServerUnaryCall<Decoded<ClientRequest>, ClientReply>;
type WatchCall = ServerWritableStream<Decoded<WatchRequest>, WatchEvent>;

/**
 * The control API: hands requests to core with a token of its own, and core's answers back to who
 * asked. What changes in the store goes to those that watch.
 */
export class ControlServer implements Control {
  readonly #submit: (token: number, request: ClientRequest) => void;
  readonly #waiting = new Map<number, sendUnaryData<ClientReply>>();
  readonly #watchers = new Map<WatchCall, WatchRequest>();
  #lastToken = 0;

  constructor(submit: (token: number, request: ClientRequest) => void) {
    this.#submit = submit;
  }

  /** Requests under way. */
  get waiting(): number {
    return this.#waiting.size;
  }

  reply(token: number, reply: ClientReply): void {
    const answer = this.#waiting.get(token);
    this.#waiting.delete(token);
    answer?.(null, reply);
  }

  /** What happens in the node: watchers are told of what concerns them. */
  happened(event: NodeEvent): void {
    if (event.kind === "restored" || event.kind === "standing") return this.#endWatches();
    if (event.kind !== "applied" || this.#watchers.size === 0) return;
    for (const { previous, current } of event.applied.events) {
      const table = (current ?? previous)?.kind;
      for (const [call, { tables }] of this.#watchers) {
        if (table === undefined || (tables.length > 0 && !tables.includes(table))) continue;
        this.#tell(call, { index: event.index, previous, current });
      }
    }
  }

  /** The store is another all at once: nobody could tell what has changed. */
  #endWatches(): void {
    const details =
      "this manager has begun anew from a snapshot: list what there is and watch anew";
    for (const call of this.#watchers.keys()) call.emit("error", { code: status.ABORTED, details });
    this.#watchers.clear();
  }

  /** The handlers of the service, for callers that `authorize` lets in. */
  handlers(authorize: Authorize): UntypedServiceImplementation {
    const send = (call: SendCall, callback: sendUnaryData<ClientReply>) => {
      const refused = refusal(call, authorize) ?? malformed(call.request);
      if (refused !== null) return callback(refused);
      this.#send(call, callback);
    };
    const watch = (call: WatchCall) => {
      const refused = refusal(call, authorize) ?? malformed(call.request) ?? this.#tooMany();
      if (refused !== null) call.emit("error", refused);
      else if (call.request.kind === "decoded") this.#watch(call, call.request.value);
    };
    return { send, watch } as unknown as UntypedServiceImplementation;
  }

  /** Whoever waits or watches hears that the node stops. */
  stop(): void {
    const stopping = { code: status.UNAVAILABLE, details: "the node stops" };
    for (const answer of this.#waiting.values()) answer(stopping);
    this.#waiting.clear();
    for (const call of this.#watchers.keys()) call.emit("error", stopping);
    this.#watchers.clear();
  }

  #send({ request }: SendCall, callback: sendUnaryData<ClientReply>): void {
    if (request.kind === "malformed") return;
    if (this.#waiting.size >= waitingMost) {
      const details = `${waitingMost} requests wait for an answer already: try again`;
      return callback({ code: status.RESOURCE_EXHAUSTED, details });
    }
    this.#lastToken += 1;
    this.#waiting.set(this.#lastToken, callback);
    this.#submit(this.#lastToken, request.value);
  }

  #watch(call: WatchCall, request: WatchRequest): void {
    this.#watchers.set(call, request);
    const forget = () => this.#watchers.delete(call);
    call.on("cancelled", forget);
    call.on("close", forget);
    call.on("error", forget);
    call.sendMetadata(call.metadata.clone());
  }

  #tell(call: WatchCall, { index, previous, current }: WatchEvent): void {
    if (call.writableLength >= behindMost) {
      this.#watchers.delete(call);
      const details = `you are ${behindMost} events behind: list what there is and watch anew`;
      call.emit("error", { code: status.RESOURCE_EXHAUSTED, details });
      return;
    }
    call.write({ index, previous: shown(previous), current: shown(current) });
  }

  #tooMany(): Refused | null {
    if (this.#watchers.size < watchersMost) return null;
    return { code: status.RESOURCE_EXHAUSTED, details: `${watchersMost} watch here already` };
  }
}

interface Refused {
  readonly code: status;
  readonly details: string;
}

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
