import {
  type ServerUnaryCall,
  type ServerWritableStream,
  type sendUnaryData,
  status,
  type UntypedServiceImplementation,
} from "@grpc/grpc-js";
import type { Decoded } from "../wire/proto.ts";
import type { BackupChunk, NodeInfo, Nothing, UnlockRequest } from "../wire/services.ts";

/** What a node does for whoever may open its socket. */
export interface LocalActions {
  /** Null: the manager is open; else why it is not. */
  unlock(unlockKey: string): string | null;
  /** Null: the node is not up. */
  info(): NodeInfo | null;
  /** Rejects with the reason why there is none. */
  backup(): Promise<Uint8Array>;
}

const chunkBytes = 1024 * 1024;

type UnlockCall = ServerUnaryCall<Decoded<UnlockRequest>, Nothing>;
type BackupCall = ServerWritableStream<unknown, BackupChunk>;

/** The handlers of the `LocalNode` service. */
export function localHandlers(actions: LocalActions): UntypedServiceImplementation {
  const unlock = ({ request }: UnlockCall, callback: sendUnaryData<Nothing>) => {
    if (request.kind === "malformed") {
      return callback({ code: status.INVALID_ARGUMENT, details: request.reason });
    }
    const problem = actions.unlock(request.value.unlockKey);
    if (problem === null) callback(null, {});
    else callback({ code: status.FAILED_PRECONDITION, details: problem });
  };
  const info = (_: unknown, callback: sendUnaryData<NodeInfo>) => {
    const found = actions.info();
    if (found !== null) callback(null, found);
    else callback({ code: status.FAILED_PRECONDITION, details: "the node is not up" });
  };
  const backup = async (call: BackupCall) => {
    try {
      await send(call, await actions.backup());
    } catch (error) {
      const details = (error as Error).message;
      call.emit("error", { code: status.FAILED_PRECONDITION, details });
    }
  };
  return { unlock, info, backup } as unknown as UntypedServiceImplementation;
}

/** Piece by piece, no faster than the other end takes them. */
async function send(call: BackupCall, archive: Uint8Array): Promise<void> {
  for (let at = 0; at < archive.length && !call.cancelled; at += chunkBytes) {
    const isTaken = call.write({ data: archive.subarray(at, at + chunkBytes) });
    if (isTaken) continue;
    await new Promise((resolve) => {
      call.once("drain", resolve);
      call.once("cancelled", resolve);
    });
  }
  call.end();
}
