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

function bodyBytes(request: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let length = 0;
  let timer: NodeJS.Timeout | undefined;
  const come = new Promise<Buffer>((resolve, reject) => {
    const refuse = (message: string) => reject(new ApiError(400, message));
    timer = setTimeout(refuse, bodyPatienceMs, "the body did not come in time");
    request.on("data", (chunk: Buffer) => {
      length += chunk.length;
      if (length <= bodyBytesMost) chunks.push(chunk);
      else refuse(`the body is larger than ${bodyBytesMost} bytes`);
    });
    request.once("end", () => resolve(Buffer.concat(chunks)));
    request.once("error", ({ message }) => refuse(`the body has broken off: ${message}`));
  });
  return come.finally(() => clearTimeout(timer));
}
