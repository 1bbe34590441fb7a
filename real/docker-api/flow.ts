import { once } from "node:events";
import type { ServerResponse } from "node:http";

/**
 * Answers with what `source` gives, as fast as the client takes it. What comes in one turn of the
 * event loop is written together at its end; when that is much, all others have theirs before it
 * goes on. Rejects where the source fails, and where the client has gone: then `gone` is aborted.
 */
export async function flow(
  source: AsyncIterable<Uint8Array>,
  response: ServerResponse,
  gone: AbortSignal,
): Promise<void> {
  for await (const bytes of source) {
    gone.throwIfAborted();
    if (response.writableCorked === 0) {
      response.cork();
      setImmediate(() => response.uncork());
    }
    if (!response.write(bytes)) await once(response, "drain", { signal: gone });
  }
  response.end();
}
