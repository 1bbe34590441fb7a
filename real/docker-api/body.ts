import type { IncomingMessage } from "node:http";
import { ApiError } from "./routes.ts";

/** The largest secret is half a megabyte, a third more in base64; specs are far smaller. */
const bodyBytesMost = 4 * 1024 * 1024;
const bodyPatienceMs = 30_000;

/** The body of a request as JSON. Rejects with an `ApiError` that says what is wrong with it. */
export async function jsonBody(request: IncomingMessage): Promise<unknown> {
  const type = request.headers["content-type"];
  const text = (await bodyBytes(request)).toString("utf8");
  if (text.trim() === "") throw new ApiError(400, "got EOF while reading request body");
  if (!isJson(type)) {
    throw new ApiError(
      400,
      `unsupported Content-Type header (${type ?? ""}): must be 'application/json'`,
    );
  }
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new ApiError(400, `the body is no JSON: ${(error as Error).message}`);
  }
}

function isJson(type: string | undefined): boolean {
  return type?.split(";")[0]?.trim().toLowerCase() === "application/json";
}

async function bodyBytes(request: IncomingMessage): Promise<Buffer> {
  const timer = setTimeout(
    () => request.destroy(new ApiError(400, "the body did not come in time")),
    bodyPatienceMs,
  );
  const chunks: Buffer[] = [];
  let length = 0;
  try {
    for await (const chunk of request as AsyncIterable<Buffer>) {
      length += chunk.length;
      if (length > bodyBytesMost) {
        throw new ApiError(400, `the body is larger than ${bodyBytesMost} bytes`);
      }
      chunks.push(chunk);
    }
  } catch (error) {
    if (error instanceof ApiError) throw error;
    throw new ApiError(400, `the body has broken off: ${(error as Error).message}`);
  } finally {
    clearTimeout(timer);
  }
  return Buffer.concat(chunks);
}
