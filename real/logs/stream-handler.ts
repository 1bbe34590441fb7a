import { once } from "node:events";
import { Metadata, type ServerWritableStream, status } from "@grpc/grpc-js";
import { type Authorize, whileAuthorized } from "../api/authorize.ts";
import type { Decoded } from "../wire/proto.ts";

type Call<In, Out> = ServerWritableStream<Decoded<In>, Out>;

/**
 * Answers a call with what `source` gives, as fast as the caller takes it. `signal` is aborted when
 * the caller has gone.
 */
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
      void pour(call, (signal) => source(value, signal));
    }
  };
}

/** Never rejects: what goes wrong is told to the caller. */
async function pour<In, Out>(
  call: Call<In, Out>,
  source: (signal: AbortSignal) => AsyncIterable<Out>,
): Promise<void> {
  const gone = new AbortController();
  const { signal } = gone;
  call.on("cancelled", () => gone.abort());
  call.on("error", () => gone.abort());
  call.sendMetadata(new Metadata());
  try {
    for await (const item of source(signal)) {
      if (!call.write(item)) await once(call, "drain", { signal });
      if (signal.aborted) return;
    }
    call.end();
  } catch (error) {
    if (signal.aborted) return;
    call.emit("error", { code: status.UNAVAILABLE, details: (error as Error).message });
  }
}
