import { randomUUID } from "node:crypto";
import { type ChannelCredentials, Client, type ServiceError, status } from "@grpc/grpc-js";
import type {
  ClientReply,
  ClientRequest,
  Command,
  Consistency,
  Query,
  ResultOf,
} from "../../core/control/command.ts";
import type { Rejection } from "../../core/model/rejection.ts";
import { call, streamFrom } from "../grpc/calls.ts";
import { callerOptions } from "../grpc/credentials.ts";
import { controlService } from "../grpc/services.ts";
import type { LogEntry, LogsRequest } from "../wire/logs.ts";
import type { Decoded } from "../wire/proto.ts";
import type { WatchEvent, WatchRequest } from "../wire/services.ts";
import {
  type AskOutcome,
  askPatiently,
  objectsOf,
  RefusedError,
  resultOf,
  UnavailableError,
  wasTaken,
} from "./patience.ts";

/** Certificates name nodes and not addresses: no name is asked for, and none is sent. */
const options = {
  ...callerOptions,
  // A list is as large as the cluster.
  "grpc.max_receive_message_length": -1,
  "grpc.ssl_target_name_override": "swarm-manager",
  // A manager that is back is found at once, however long it was gone.
  "grpc.initial_reconnect_backoff_ms": 200,
  "grpc.max_reconnect_backoff_ms": 1_000,
};
/**
 * A manager may wait for a leader that is gone: asked again, it knows better. One that is busy
 * answers late: a try gets as long as all before it together, and this long at least.
 */
const tryMs = 1_000;

/** Statuses after which the same may be asked again, and get an answer. */
const passing: readonly status[] = [
  status.UNAVAILABLE,
  status.RESOURCE_EXHAUSTED,
  status.DEADLINE_EXCEEDED,
  status.CANCELLED,
];

/**
 * A client of the control API of one manager. A command that got no answer is asked again under
 * the same number, and takes effect once. One command at a time.
 */
export class ControlClient {
  readonly #client: Client;
  readonly #patienceMs: number;
  readonly #absenceMs: number;
  readonly #name = randomUUID();
  #sequence = 0;
  #hasAnswered = false;

  /**
   * `address` as gRPC has it: `host:port` or `unix:///path`. For `absenceMs` it waits where nobody
   * is, and never was; for `patienceMs` in all other cases.
   */
  constructor(
    address: string,
    credentials: ChannelCredentials,
    patienceMs: number,
    absenceMs = patienceMs,
  ) {
    this.#client = new Client(address, credentials, options);
    this.#patienceMs = patienceMs;
    this.#absenceMs = absenceMs;
  }

  /** What the command came to: the id of the object that it was about. */
  async command(command: Command): Promise<string> {
    this.#sequence += 1;
    const request = { client: this.#name, sequence: this.#sequence };
    return resultOf(await this.#ask({ kind: "command", request, command }));
  }

  async query<Kind extends Query["kind"]>(
    query: Query & { readonly kind: Kind },
    consistency: Consistency = "linearizable",
  ): Promise<ResultOf<Kind>> {
    return objectsOf(await this.#ask({ kind: "query", query, consistency }));
  }

  /**
   * What changes, until `stop`, or an error that `ended` hears of. Nothing is missed from when
   * `opened` is called on.
   */
  watch(
    request: WatchRequest,
    heard: (event: WatchEvent) => void,
    ended: (error: Error | null) => void,
    opened: () => void = () => undefined,
  ): () => void {
    const call = streamFrom<WatchEvent>(this.#client, controlService.watch, request);
    call.on("metadata", opened);
    call.on("data", (event: Decoded<WatchEvent>) => {
      if (event.kind === "decoded") heard(event.value);
    });
    call.on("error", (error: ServiceError) => {
      ended(error.code === status.CANCELLED ? null : new UnavailableError(error.details));
    });
    call.on("end", () => ended(null));
    return () => call.cancel();
  }

  /** What tasks have written, as fast as it is read; until `signal` is aborted. */
  async *logs(request: LogsRequest, signal?: AbortSignal): AsyncGenerator<LogEntry> {
    const call = streamFrom<LogEntry>(this.#client, controlService.logs, request);
    const cancel = () => call.cancel();
    call.on("error", () => undefined);
    signal?.addEventListener("abort", cancel);
    try {
      for await (const entry of call as AsyncIterable<Decoded<LogEntry>>) {
        if (entry.kind === "decoded") yield entry.value;
      }
    } catch (error) {
      const { code, details } = error as ServiceError;
      if (code !== status.CANCELLED) throw new UnavailableError(details);
    } finally {
      cancel();
    }
  }

  close(): void {
    this.#client.close();
  }

  async #ask(request: ClientRequest): Promise<ClientReply> {
    const patienceMs = this.#patienceMs;
    const absenceMs = this.#hasAnswered ? patienceMs : this.#absenceMs;
    const begun = performance.now();
    const send = (leftMs: number) => {
      const within = Math.min(leftMs, Math.max(tryMs, performance.now() - begun));
      return this.#send(request, within);
    };
    const reply = await askPatiently(patienceMs, send, absenceMs);
    this.#hasAnswered = true;
    return reply;
  }

  /** The reply, or why there is none so far; throws where asking again is of no use. */
  async #send(request: ClientRequest, withinMs: number): Promise<AskOutcome> {
    const found = await call<ClientReply>(this.#client, controlService.send, request, withinMs);
    if (found.kind === "decoded") return found.value;
    if (found.kind === "malformed") {
      throw new UnavailableError(`the answer can't be read: ${found.reason}`);
    }
    const { error } = found;
    if (error.code === status.DEADLINE_EXCEEDED) return unanswered("the manager does not answer");
    if (passing.includes(error.code)) return unanswered(error.details);
    throw new RefusedError(rejectionOf(error));
  }
}

/** gRPC's own words of a connection say whether anybody is there. */
function unanswered(reason: string): AskOutcome {
  return { kind: "no-answer", reason, isThere: wasTaken(reason) };
}

function rejectionOf({ code, details }: ServiceError): Rejection {
  const known: Partial<Record<status, Rejection["code"]>> = {
    [status.INVALID_ARGUMENT]: "InvalidArgument",
    [status.UNIMPLEMENTED]: "Unimplemented",
    [status.NOT_FOUND]: "NotFound",
  };
  return { code: known[code] ?? "FailedPrecondition", message: details };
}
