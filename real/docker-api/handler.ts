import type { IncomingMessage, OutgoingHttpHeaders, ServerResponse } from "node:http";
import type { Duplex } from "node:stream";
import type { Logger } from "pino";
import { apiVersion, versionedPath } from "./api-version.ts";
import { jsonBody } from "./body.ts";
import { flow } from "./flow.ts";
import { Router } from "./router.ts";
import { ApiError, type ApiResponse, type Route } from "./routes.ts";
import { JsonText } from "./written.ts";

/** Of every answer, as Docker has them. */
const commonHeaders = {
  "api-version": apiVersion.max,
  "docker-experimental": "false",
  ostype: process.platform,
  server: `simswarm (${process.platform})`,
} as const;

/** Where a request goes that is of no route. */
export interface Elsewhere {
  /** True when it takes the request, and answers it. `path` is without the version. */
  request(request: IncomingMessage, response: ServerResponse, asked: Asked): boolean;
  /** Answers whoever asks for another protocol on its connection; `head` came after that. */
  upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void;
}

/** What a request line says. */
export interface Asked {
  readonly version: string;
  readonly path: string;
  /** With its question mark; empty where there is none. */
  readonly search: string;
}

/** Answers requests: by their route, or as `elsewhere` does, or that there is no such page. */
export class ApiHandler {
  readonly #router: Router;
  readonly #elsewhere: Elsewhere;
  readonly #log: Logger;

  constructor(routes: readonly Route[], elsewhere: Elsewhere, log: Logger) {
    this.#router = new Router(routes);
    this.#elsewhere = elsewhere;
    this.#log = log;
  }

  /** Never rejects: whatever goes wrong is answered. */
  async handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    try {
      await this.#answer(request, response);
    } catch (error) {
      if (!isGone(response)) this.#failed(error as Error, request, response);
    }
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const asked = askedBy(request);
    const { method = "GET", headers } = request;
    const found = this.#router.find(method, asked.path);
    if (found === null) {
      if (this.#elsewhere.request(request, response, asked)) return;
      throw new ApiError(404, "page not found");
    }
    let signal: AbortSignal | null = null;
    const answer = await found.route.handle({
      params: found.params,
      query: new URLSearchParams(asked.search),
      version: asked.version,
      headers,
      get signal() {
        signal ??= goneSignal(response);
        return signal;
      },
      json: () => jsonBody(request),
    });
    await send(response, answer);
  }

  /** A stream that has begun can only be cut off. */
  #failed(error: Error, { method, url }: IncomingMessage, response: ServerResponse): void {
    const status = error instanceof ApiError ? error.status : 500;
    if (status === 500) this.#log.error({ method, url, error: error.stack }, "a request failed");
    if (response.headersSent) return void response.destroy();
    sendJson(response, status, { message: error.message });
  }
}

/** True once the client has gone before its answer was whole. */
function isGone(response: ServerResponse): boolean {
  return response.destroyed && !response.writableEnded;
}

/** Aborted once that is so. Most routes never ask. */
export function goneSignal(response: ServerResponse): AbortSignal {
  const gone = new AbortController();
  const look = () => {
    if (isGone(response)) gone.abort();
  };
  look();
  response.once("close", look);
  return gone.signal;
}

/** Throws an `ApiError` for a version that is not spoken here. */
export function askedBy({ url = "/" }: IncomingMessage): Asked {
  const at = url.indexOf("?");
  const search = at < 0 ? "" : url.slice(at);
  return { ...versionedPath(at < 0 ? url : url.slice(0, at)), search };
}

async function send(response: ServerResponse, answer: ApiResponse): Promise<void> {
  const { status, headers = {}, body, text, stream } = answer;
  if (text !== undefined) return sendText(response, status, text, headers);
  if (stream === undefined) return sendJson(response, status, body, headers);
  response.writeHead(status, { ...commonHeaders, ...headers });
  response.flushHeaders();
  await flow(stream, response, goneSignal(response));
}

/** What is left unread of the request's body goes with its connection. */
export function sendJson(
  response: ServerResponse,
  status: number,
  body: unknown,
  headers: OutgoingHttpHeaders = {},
): void {
  const json = body instanceof JsonText ? body.text : JSON.stringify(body);
  const text = body === undefined ? "" : `${json}\n`;
  const type = body === undefined ? {} : { "content-type": "application/json" };
  sendText(response, status, text, { ...type, ...headers });
}

function sendText(
  response: ServerResponse,
  status: number,
  text: string,
  headers: OutgoingHttpHeaders,
): void {
  const close = response.req.complete ? {} : { connection: "close" };
  const length = { "content-length": Buffer.byteLength(text) };
  response.writeHead(status, { ...commonHeaders, ...length, ...close, ...headers });
  response.end(text);
}
