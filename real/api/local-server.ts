import {
  type ServerUnaryCall,
  type ServerWritableStream,
  type sendUnaryData,
  status,
  type UntypedServiceImplementation,
} from "@grpc/grpc-js";
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
import { streamAnswer } from "./stream-answer.ts";

/** What a node does for whoever may open its socket. Each rejects with why it does not. */
export interface LocalActions {
  /** Opens a manager that is locked. */
  unlock(request: UnlockRequest): Promise<Nothing>;
  init(request: LocalInit): Promise<InitReply>;
  join(request: LocalJoin): Promise<Nothing>;
  leave(request: LocalLeave): Promise<Nothing>;
  info(): Promise<NodeInfo>;
  /** The bytes of one file. */
  backup(): Promise<Uint8Array[]>;
}

const chunkBytes = 1024 * 1024;

/** The handlers of the `LocalNode` service. */
export function localHandlers(actions: LocalActions): UntypedServiceImplementation {
  const backup = (call: ServerWritableStream<unknown, BackupChunk>) =>
    void streamAnswer(call, () => chunksOf(actions.backup()), status.FAILED_PRECONDITION);
  return {
    unlock: answering((request: UnlockRequest) => actions.unlock(request)),
    init: answering((request: LocalInit) => actions.init(request)),
    join: answering((request: LocalJoin) => actions.join(request)),
    leave: answering((request: LocalLeave) => actions.leave(request)),
    info: answering(() => actions.info()),
    backup,
  } as unknown as UntypedServiceImplementation;
}

function answering<In, Out>(act: (request: In) => Promise<Out>) {
  return ({ request }: ServerUnaryCall<Decoded<In>, Out>, callback: sendUnaryData<Out>) => {
    if (request.kind === "malformed") {
      return callback({ code: status.INVALID_ARGUMENT, details: request.reason });
    }
    act(request.value).then(
      (answer) => callback(null, answer),
      (error) => callback(refusalOf(error)),
    );
  };
}

function refusalOf(error: unknown) {
  return { code: status.FAILED_PRECONDITION, details: (error as Error).message };
}

async function* chunksOf(backup: Promise<Uint8Array[]>): AsyncGenerator<BackupChunk> {
  for (const bytes of await backup) {
    for (let at = 0; at < bytes.length; at += chunkBytes) {
      yield { data: bytes.subarray(at, at + chunkBytes) };
    }
  }
}
