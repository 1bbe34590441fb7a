import type { IncomingMessage } from "node:http";
import type { Duplex } from "node:stream";
import { buffer } from "node:stream/consumers";
import { pipeline } from "node:stream/promises";
import { type EngineConnection, notThere } from "./engine-connection.ts";
import type { Asked } from "./handler.ts";
import { headPatienceMs, letGo, refuseRaw } from "./listen.ts";
import { ApiError } from "./routes.ts";

/** What is asked along with an upgrade is small: the options of an exec. */
const bodyBytesMost = 1024 * 1024;

/**
 * Lets the engine answer a request to upgrade the connection; once it agrees, bytes go both ways as
 * they are, and either side may end its half first. Rejects before anything has been answered.
 */
export async function upgradeByEngine(
  engine: EngineConnection,
  request: IncomingMessage,
  socket: Duplex,
  head: Buffer,
  asked: Asked,
): Promise<void> {
  const gone = new AbortController();
  const path = await engine.pathOf(asked, gone.signal);
  const { body, rest } = await bodyOf(request, socket, head);
  const { method = "POST", headers } = request;
  const asking = engine.ask({ method, path, headers, signal: gone.signal });
  const leave = () => gone.abort();
  socket.once("close", leave);
  asking.on("error", (error) => refuseRaw(socket, 503, notThere(error).message));
  asking.once("response", (answer) => refuse(answer, socket));
  asking.once("upgrade", (answer, upgraded, first) => {
    socket.off("close", leave);
    socket.write(headOf(answer));
    if (first.length > 0) socket.write(first);
    if (rest.length > 0) upgraded.write(rest);
    join(socket, upgraded);
    join(upgraded, socket);
  });
  asking.end(body);
}

/** What `from` says goes to `to`; the end of its half too. */
function join(from: Duplex, to: Duplex): void {
  from.pipe(to);
  from.on("error", () => to.destroy());
  from.on("close", () => {
    if (!from.readableEnded) to.destroy();
  });
}

/**
 * Up to Node 24 the body of an upgrade comes as if it followed it, and the two are told apart by
 * length; from 26 on it comes with the request, as any other body.
 */
async function bodyOf(request: IncomingMessage, socket: Duplex, head: Buffer) {
  const { headers } = request;
  const length = Number(headers["content-length"] ?? 0);
  if (!(length <= bodyBytesMost) || headers["transfer-encoding"] !== undefined) {
    throw new ApiError(400, "the body of an upgrade must be short, and say how long it is");
  }
  const came = await buffer(request);
  const missing = length - came.length;
  let held = head;
  while (held.length < missing) held = Buffer.concat([held, await nextOf(socket)]);
  const body = Buffer.concat([came, held.subarray(0, missing)]);
  return { body, rest: held.subarray(missing) };
}

function nextOf(socket: Duplex): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const none = () => reject(new ApiError(400, "the body has broken off"));
    if (socket.destroyed) return none();
    const timer = setTimeout(none, headPatienceMs).unref();
    socket.once("close", none);
    socket.once("data", (chunk: Buffer) => {
      socket.pause();
      socket.off("close", none);
      clearTimeout(timer);
      resolve(chunk);
    });
    socket.resume();
  });
}

/** The engine has answered as to any other request: the connection ends with that. */
function refuse(answer: IncomingMessage, socket: Duplex): void {
  const without = ["connection", "keep-alive", "transfer-encoding"];
  socket.write(headOf(answer, without, "Connection: close"));
  void pipeline(answer, socket).then(
    () => letGo(socket),
    () => socket.destroy(),
  );
}

function headOf(
  { statusCode, statusMessage, rawHeaders }: IncomingMessage,
  without: readonly string[] = [],
  ...more: string[]
): string {
  const lines = [`HTTP/1.1 ${statusCode} ${statusMessage}`];
  for (let at = 0; at + 1 < rawHeaders.length; at += 2) {
    if (without.includes((rawHeaders[at] as string).toLowerCase())) continue;
    lines.push(`${rawHeaders[at]}: ${rawHeaders[at + 1]}`);
  }
  return `${[...lines, ...more].join("\r\n")}\r\n\r\n`;
}
