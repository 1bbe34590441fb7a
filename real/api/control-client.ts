import { randomUUID } from "node:crypto";
import { setTimeout as pause } from "node:timers/promises";
import { type ChannelCredentials, Client, type ServiceError, status } from "@grpc/grpc-js";
import type {
  ClientReply,
  ClientRequest,
  Command,
  Consistency,
  Query,
  QueryResult,
} from "../../core/control/command.ts";
import type { Rejection } from "../../core/model/rejection.ts";
import { channelOptions } from "../grpc/credentials.ts";
import { controlService } from "../grpc/services.ts";
import type { Decoded } from "../wire/proto.ts";
import type { WatchEvent, WatchRequest } from "../wire/services.ts";

/** The cluster has refused a command: nothing has changed. */
export class RefusedError extends Error {
  readonly code: Rejection["code"];

  constructor({ code, message }: Rejection) {
    super(message);
    this.code = code;
  }
}

/** No manager could be asked, or none has answered in time. */
export class UnavailableError extends Error {
  /** False: nobody is there, where a manager should be. */
  readonly isThere: boolean;

  constructor(message: string, isThere = true) {
    super(message);
    this.isThere = isThere;
  }
}

/** Certificates name nodes and not addresses: no name is asked for, and none is sent. */
const options = { ...channelOptions, "grpc.ssl_target_name_override": "swarm-manager" };
/** A manager may wait for a leader that is gone: asked again, it knows better. */
const tryMs = 1_000;
const pauseFirstMs = 50;
const pauseLongestMs = 500;

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
  readonly #name = randomUUID();
  #sequence = 0;

  /** `address` as gRPC has it: `host:port` or `unix:///path`. */
  constructor(address: string, credentials: ChannelCredentials, patienceMs: number) {
    this.#client = new Client(address, credentials, options);
    this.#patienceMs = patienceMs;
  }

  /** What the command came to: the id of the object that it was about. */
  async command(command: Command): Promise<string> {
    this.#sequence += 1;
    const request = { client: this.#name, sequence: this.#sequence };
    const reply = await this.#ask({ kind: "command", request, command });
    if (reply.kind !== "outcome") throw new UnavailableError("the manager answered something else");
    if (reply.outcome.kind === "refused") throw new RefusedError(reply.outcome.rejection);
    return reply.outcome.result;
  }

  async query(query: Query, consistency: Consistency = "linearizable"): Promise<QueryResult> {
    const reply = await this.#ask({ kind: "query", query, consistency });
    if (reply.kind !== "result") throw new UnavailableError("the manager answered something else");
    return reply.objects;
  }

  /**
   * What changes, until `stop` or an error, of which `ended` hears. Nothing is missed from when
   * `opened` is called on.
   */
  watch(
    request: WatchRequest,
    heard: (event: WatchEvent) => void,
    ended: (error: Error | null) => void,
    opened: () => void = () => undefined,
  ): () => void {
    const { path, requestSerialize, responseDeserialize } = controlService.watch;
    const call = this.#client.makeServerStreamRequest(
      path,
      requestSerialize,
      responseDeserialize,
      request,
    );
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

  close(): void {
    this.#client.close();
  }

  /** Asks until there is an answer or the patience is over. */
  async #ask(request: ClientRequest): Promise<ClientReply> {
    const until = Date.now() + this.#patienceMs;
    for (let wait = pauseFirstMs; ; wait = Math.min(2 * wait, pauseLongestMs)) {
      const reply = await this.#send(request, until);
      if (typeof reply !== "string" && reply.kind !== "try-again") return reply;
      const reason = typeof reply === "string" ? reply : reply.reason;
      if (Date.now() + wait >= until) throw new UnavailableError(reason, isThere(reply));
      await pause(wait);
    }
  }

  /** The reply, or why there is none so far; throws where asking again is of no use. */
  #send(request: ClientRequest, until: number): Promise<ClientReply | string> {
    const { path, requestSerialize, responseDeserialize } = controlService.send;
    return new Promise((resolve, reject) => {
      const answered = (error: ServiceError | null, reply?: unknown) => {
        if (error !== null) {
          if (passing.includes(error.code)) resolve(error.details);
          else reject(new RefusedError(rejectionOf(error)));
          return;
        }
        const found = reply as Decoded<ClientReply>;
        if (found.kind === "decoded") resolve(found.value);
        else reject(new UnavailableError(`the answer can't be read: ${found.reason}`));
      };
      const deadline = new Date(Math.min(until, Date.now() + tryMs));
      const options = { deadline };
      this.#client.makeUnaryRequest(
        path,
        requestSerialize,
        responseDeserialize,
        request,
        options,
        answered,
      );
    });
  }
}

/** gRPC's own words of a connection, without what follows from it. */
function isThere(reply: ClientReply | string): boolean {
  return typeof reply !== "string" || !reply.includes("No connection established");
}

function rejectionOf({ code, details }: ServiceError): Rejection {
  const known: Partial<Record<status, Rejection["code"]>> = {
    [status.INVALID_ARGUMENT]: "InvalidArgument",
    [status.UNIMPLEMENTED]: "Unimplemented",
    [status.NOT_FOUND]: "NotFound",
  };
  return { code: known[code] ?? "FailedPrecondition", message: details };
}
