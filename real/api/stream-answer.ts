import { once } from "node:events";
import { Metadata, type ServerWritableStream, status } from "@grpc/grpc-js";

/**
 * Answers a call with what `source` gives, as fast as the caller takes it. `signal` is aborted when
 * the caller has gone. Never rejects: what goes wrong is told to the caller, with `code`.
 */
export async function streamAnswer<In, Out>(
  call: ServerWritableStream<In, Out>,
  source: (signal: AbortSignal) => AsyncIterable<Out>,
  code = status.UNAVAILABLE,
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
    call.emit("error", { code, details: (error as Error).message });
  }
}
