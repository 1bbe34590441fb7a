import {
  ChannelCredentials,
  Client,
  type MethodDefinition,
  type ServiceError,
  status,
} from "@grpc/grpc-js";
import { channelOptions } from "../grpc/credentials.ts";
import { localService } from "../grpc/services.ts";
import type { Decoded } from "../wire/proto.ts";
import type { BackupChunk, NodeInfo, UnlockRequest } from "../wire/services.ts";
import { RefusedError, UnavailableError } from "./patience.ts";

const patienceMs = 10_000;

/** A client of what a node does on its own socket only. Calls reject with the node's reason. */
export class LocalClient {
  readonly #client: Client;

  /** `address` as gRPC has it: `unix:///path`. */
  constructor(address: string) {
    this.#client = new Client(address, ChannelCredentials.createInsecure(), channelOptions);
  }

  /** Opens a manager that is locked. */
  async unlock(unlockKey: string): Promise<void> {
    await this.#ask(localService.unlock, { unlockKey } satisfies UnlockRequest);
  }

  async info(): Promise<NodeInfo> {
    return known((await this.#ask(localService.info, {})) as Decoded<NodeInfo>);
  }

  /** The node's backup; `take` is given its parts in order. */
  async backup(take: (part: Uint8Array) => void): Promise<void> {
    const { path, requestSerialize, responseDeserialize } = localService.backup;
    const call = this.#client.makeServerStreamRequest(
      path,
      requestSerialize,
      responseDeserialize,
      {},
    );
    try {
      for await (const chunk of call) take(known(chunk as Decoded<BackupChunk>).data);
    } catch (error) {
      throw reasonOf(error as ServiceError);
    }
  }

  close(): void {
    this.#client.close();
  }

  #ask(method: MethodDefinition<unknown, unknown>, request: unknown): Promise<unknown> {
    const { path, requestSerialize, responseDeserialize } = method;
    const options = { deadline: Date.now() + patienceMs };
    return new Promise((resolve, reject) => {
      const answered = (error: ServiceError | null, reply?: unknown) => {
        if (error === null) resolve(reply);
        else reject(reasonOf(error));
      };
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

function known<T>(found: Decoded<T>): T {
  if (found.kind === "decoded") return found.value;
  throw new UnavailableError(found.reason);
}

function reasonOf(error: ServiceError): Error {
  if (error.code === undefined) return error;
  if (error.code === status.FAILED_PRECONDITION) {
    return new RefusedError({ code: "FailedPrecondition", message: error.details });
  }
  const isThere = !error.details.includes("No connection established");
  return new UnavailableError(error.details, isThere);
}
