import type { IncomingMessage, ServerResponse } from "node:http";
import type { Duplex } from "node:stream";
import { pipeline } from "node:stream/promises";
import type { EngineConnection } from "./engine-connection.ts";
import { upgradeByEngine } from "./engine-upgrade.ts";
import { type Asked, askedBy, type Elsewhere, goneSignal, sendJson } from "./handler.ts";
import { refuseRaw } from "./listen.ts";
import { ApiError } from "./routes.ts";

/** The first part of the paths that are the engine's own. */
const engineParts = [
  ...["auth", "build", "commit", "containers", "distribution", "exec", "grpc", "images"],
  ...["plugins", "session", "system", "volumes"],
];
/** Headers that are about one connection, and not passed on (RFC 9110, 7.6.1). */
const hopByHop = ["connection", "keep-alive", "proxy-connection", "transfer-encoding", "upgrade"];

/**
 * Containers, images and whatever else is not the swarm's: of this node's own engine, which is
 * asked and answers as if the client spoke with it. Without one, each says so.
 */
export class EngineProxy implements Elsewhere {
  readonly #engine: EngineConnection | null;
  readonly #parts: ReadonlySet<string>;

  /** Null: the node has no engine. `more`: first parts of paths that are its own here. */
  constructor(engine: EngineConnection | null, more: readonly string[] = []) {
    this.#engine = engine;
    this.#parts = new Set([...engineParts, ...more]);
  }

  request(request: IncomingMessage, response: ServerResponse, asked: Asked): boolean {
    if (!this.#isEngines(asked)) return false;
    void this.#pass(request, response, asked).catch((error: unknown) => {
      if (response.headersSent) return void response.destroy();
      const { status, message } = asApiError(error);
      sendJson(response, status, { message });
    });
    return true;
  }

  /** Takes over the client's connection, for `attach`, `exec` and builds. Never rejects. */
  async upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): Promise<void> {
    socket.on("error", () => socket.destroy());
    try {
      const asked = askedBy(request);
      if (!this.#isEngines(asked)) throw new ApiError(400, `${asked.path} can't be upgraded`);
      await upgradeByEngine(this.#there(asked), request, socket, head, asked);
    } catch (error) {
      const { status, message } = asApiError(error);
      refuseRaw(socket, status, message);
    }
  }

  async #pass(request: IncomingMessage, response: ServerResponse, asked: Asked): Promise<void> {
    const engine = this.#there(asked);
    const signal = goneSignal(response);
    const { method = "GET" } = request;
    const path = await engine.pathOf(asked, signal);
    const headers = endToEnd(request.headers);
    const answer = await engine.open({ method, path, headers, signal }, request);
    response.writeHead(answer.statusCode ?? 502, endToEnd(answer.headers));
    response.flushHeaders();
    await pipeline(answer, response);
  }

  #isEngines({ path }: Asked): boolean {
    return this.#parts.has(path.split("/")[1] ?? "");
  }

  #there({ path }: Asked): EngineConnection {
    if (this.#engine !== null) return this.#engine;
    throw new ApiError(503, `this node has no Docker engine: ${path} is not served`);
  }
}

function endToEnd(headers: IncomingMessage["headers"]): IncomingMessage["headers"] {
  return Object.fromEntries(Object.entries(headers).filter(([name]) => !hopByHop.includes(name)));
}

function asApiError(error: unknown): ApiError {
  return error instanceof ApiError ? error : new ApiError(500, (error as Error).message);
}
