import type { ServiceError } from "@grpc/grpc-js";
import type { LogLine } from "../engine.ts";
import { streamFrom } from "../grpc/calls.ts";
import type { PeerChannel } from "../grpc/peer-network.ts";
import { taskLogsService } from "../grpc/services.ts";
import type { TaskLogRequest } from "../wire/logs.ts";
import type { Decoded } from "../wire/proto.ts";

/** How long a node may take to say that it has heard. */
const answerWithinMs = 5_000;

/** What a task has written, from another node, as fast as it is read. */
export async function* remoteLog(
  { client, doubt, close }: PeerChannel,
  request: TaskLogRequest,
  signal: AbortSignal,
): AsyncGenerator<LogLine> {
  const call = streamFrom<LogLine>(client, taskLogsService.read, request);
  const cancel = () => call.cancel();
  const silence = setTimeout(cancel, answerWithinMs);
  let why: string | null = "does not answer";
  call.once("metadata", () => {
    clearTimeout(silence);
    why = doubt();
    if (why !== null) cancel();
  });
  call.on("error", () => undefined);
  signal.addEventListener("abort", cancel);
  try {
    for await (const line of call as AsyncIterable<Decoded<LogLine>>) {
      if (line.kind === "malformed") throw new Error(line.reason);
      yield line.value;
    }
  } catch (error) {
    const { details, message } = error as Partial<ServiceError>;
    throw new Error(`node ${request.nodeId}: ${why ?? details ?? message}`);
  } finally {
    clearTimeout(silence);
    signal.removeEventListener("abort", cancel);
    cancel();
    close();
  }
}
