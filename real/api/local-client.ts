import {
  ChannelCredentials,
  Client,
  type MethodDefinition,
  type ServiceError,
  status,
} from "@grpc/grpc-js";
import { call, streamFrom } from "../grpc/calls.ts";
import { callerOptions } from "../grpc/credentials.ts";
import { localService } from "../grpc/services.ts";
import type { Decoded } from "../wire/proto.ts";
import type {
  BackupChunk,
  InitReply,
  LocalInit,
  LocalJoin,
  LocalLeave,
  NodeInfo,
  Nothing,
  UnlockRequest,
} from "../wire/services.ts";
import { RefusedError, UnavailableError, wasTaken } from "./patience.ts";

const patienceMs = 10_000;
/** The node itself says when it has waited for long enough. */
const membershipMs = 60_000;

/** A client of what a node does on its own socket only. Calls reject with the node's reason. */
export class LocalClient {
  readonly #client: Client;

  /** `address` as gRPC has it: `unix:///path`. */
  constructor(address: string) {
    this.#client = new Client(address, ChannelCredentials.createInsecure(), callerOptions);
  }

  /** Opens a manager that is locked. */
  async unlock(unlockKey: string): Promise<void> {
    await this.#ask<Nothing>(localService.unlock, { unlockKey } satisfies UnlockRequest);
  }

  /** Founds a cluster; the node's id. */
  async init(request: LocalInit): Promise<string> {
    return (await this.#ask<InitReply>(localService.init, request, membershipMs)).nodeId;
  }

  async join(request: LocalJoin): Promise<void> {
    await this.#ask<Nothing>(localService.join, request, membershipMs);
  }

  async leave(force: boolean): Promise<void> {
    await this.#ask<Nothing>(localService.leave, { force } satisfies LocalLeave, membershipMs);
  }

  info(): Promise<NodeInfo> {
    return this.#ask<NodeInfo>(localService.info, {});
  }

  /** The node's backup; `take` is given its parts in order. */
  async backup(take: (part: Uint8Array) => void): Promise<void> {
    const chunks = streamFrom<BackupChunk>(this.#client, localService.backup, {});
    try {
      for await (const chunk of chunks) take(known<BackupChunk>(chunk).data);
    } catch (error) {
      throw reasonOf(error as ServiceError);
    }
  }

  close(): void {
    this.#client.close();
  }

  async #ask<T>(
    method: MethodDefinition<unknown, unknown>,
    request: unknown,
    withinMs = patienceMs,
  ): Promise<T> {
    const found = await call<T>(this.#client, method, request, withinMs);
    if (found.kind === "failed") throw reasonOf(found.error);
    return known(found);
  }
}

function known<T>(found: Decoded<T>): T {
  if (found.kind === "decoded") return found.value;
  throw new UnavailableError(found.reason);
}

function reasonOf(error: ServiceError): Error {
  if (error.code === undefined) return error;
  if (error.code === status.FAILED_PRECONDITION) {
    return new RefusedError({ code: "FailedPrecondition", message: error.details });
  }
  return new UnavailableError(error.details, wasTaken(error.details));
}
