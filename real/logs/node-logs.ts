import type { UntypedServiceImplementation } from "@grpc/grpc-js";
import { nodeOfMember } from "../../core/model/standing.ts";
import type { Authorize } from "../api/authorize.ts";
import type { Engine, LogLine } from "../engine.ts";
import type { PeerChannel } from "../grpc/peer-network.ts";
import type { TaskLogRequest } from "../wire/logs.ts";
import { remoteLog } from "./remote-log.ts";
import { streamHandler } from "./stream-handler.ts";

/** What this node knows of itself and of the others. */
export interface NodeLogsPorts {
  readonly nodeId: string;
  readonly engine: Pick<Engine, "logs">;
  /** Null: nobody knows where the node is. */
  readonly channelTo: (nodeId: string) => PeerChannel | null;
  /** Workers speak with this member of Raft, who so knows where they are; null: nobody leads. */
  readonly leader: () => string | null;
}

/** What tasks have written, of this node and of others. */
export class NodeLogs {
  readonly #ports: NodeLogsPorts;

  constructor(ports: NodeLogsPorts) {
    this.#ports = ports;
  }

  /** From the task's node: asked itself, or by way of the leader. Fails with what is in the way. */
  async *read(request: TaskLogRequest, signal: AbortSignal): AsyncGenerator<LogLine> {
    const { nodeId, channelTo, leader } = this.#ports;
    const leading = leader();
    const way = leading === null ? null : nodeOfMember(leading);
    const source = this.#direct(request, signal);
    if (source !== null) yield* source;
    else if (way === null || way === nodeId) throw unknown(request);
    else {
      const channel = channelTo(way);
      if (channel === null) throw unknown(request);
      yield* remoteLog(channel, request, signal);
    }
  }

  /** The service for managers, whom `authorize` lets in. What they ask goes no further. */
  handlers(authorize: Authorize): UntypedServiceImplementation {
    const read = streamHandler(authorize, (request: TaskLogRequest, signal) => {
      const source = this.#direct(request, signal);
      if (source === null) throw unknown(request);
      return source;
    });
    return { read } as unknown as UntypedServiceImplementation;
  }

  #direct(request: TaskLogRequest, signal: AbortSignal): AsyncIterable<LogLine> | null {
    const { nodeId, engine, channelTo } = this.#ports;
    const { taskId, range } = request;
    if (request.nodeId === nodeId) return engine.logs(taskId, { ...range, signal });
    const channel = channelTo(request.nodeId);
    return channel === null ? null : remoteLog(channel, request, signal);
  }
}

function unknown({ nodeId }: TaskLogRequest): Error {
  return new Error(`node ${nodeId} is not available`);
}
