import { ChannelCredentials, Client, type ServiceError, status } from "@grpc/grpc-js";
import { channelOptions } from "../grpc/credentials.ts";
import { localService } from "../grpc/services.ts";
import type { Decoded } from "../wire/proto.ts";
import type { BackupChunk } from "../wire/services.ts";
import { RefusedError, UnavailableError } from "./patience.ts";

const unlockPatienceMs = 10_000;

/** A client of what a node does on its own socket only. */
export class LocalClient {
  readonly #client: Client;

  /** `address` as gRPC has it: `unix:///path`. */
  constructor(address: string) {
    this.#client = new Client(address, ChannelCredentials.createInsecure(), channelOptions);
  }

  /** Opens a manager that is locked. Rejects with the reason why it stays so. */
  unlock(unlockKey: string): Promise<void> {
    const { path, requestSerialize, responseDeserialize } = localService.unlock;
    const deadline = Date.now() + unlockPatienceMs;
    return new Promise((resolve, reject) => {
      const answered = (error: ServiceError | null) => {
        if (error === null) resolve();
        else reject(reasonOf(error));
      };
      const request = { unlockKey };
      this.#client.makeUnaryRequest(
        path,
        requestSerialize,
        responseDeserialize,
        request,
        { deadline },
        answered,
      );
    });
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
      for await (const chunk of call) {
        const found = chunk as Decoded<BackupChunk>;
        if (found.kind === "malformed") throw new UnavailableError(found.reason);
        take(found.value.data);
      }
    } catch (error) {
      throw reasonOf(error as ServiceError);
    }
  }

  close(): void {
    this.#client.close();
  }
}

function reasonOf(error: ServiceError): Error {
  if (error.code === undefined) return error;
  if (error.code === status.FAILED_PRECONDITION) {
    return new RefusedError({ code: "FailedPrecondition", message: error.details });
  }
  const isThere = !error.details.includes("No connection established");
  return new UnavailableError(error.details, isThere);
}
