import { type ServerWritableStream, status } from "@grpc/grpc-js";
import { type Authorize, whileAuthorized } from "../api/authorize.ts";
import { streamAnswer } from "../api/stream-answer.ts";
import type { Decoded } from "../wire/proto.ts";

type Call<In, Out> = ServerWritableStream<Decoded<In>, Out>;

/** Answers a caller that `authorize` lets in with what `source` gives, as `streamAnswer` does. */
export function streamHandler<In, Out>(
  authorize: Authorize,
  source: (request: In, signal: AbortSignal) => AsyncIterable<Out>,
): (call: Call<In, Out>) => void {
  return (call) => {
    const refused = authorize(call);
    if (refused !== null) {
      call.emit("error", { code: status.PERMISSION_DENIED, details: refused });
    } else if (call.request.kind === "malformed") {
      call.emit("error", { code: status.INVALID_ARGUMENT, details: call.request.reason });
    } else {
      const { value } = call.request;
      whileAuthorized(call, authorize, (details) => {
        call.emit("error", { code: status.PERMISSION_DENIED, details });
      });
      void streamAnswer(call, (signal) => source(value, signal));
    }
  };
}
