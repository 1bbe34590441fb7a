import { createServer, type RequestListener, type Server } from "node:http";
import { Registry } from "prom-client";
import { listenAt } from "../listening.ts";

/** Connections at a time; more are closed at once. */
const connectionsMost = 256;
/** How long a client may take to send a request, and how long it is kept for the next one. */
const patienceMs = 10_000;

/** Null: all is well; else what is not. */
export type Check = () => string | null;

export interface HttpPages {
  readonly metrics: () => Promise<string>;
  /** The process works. */
  readonly healthy: Check;
  /** The node takes part in its cluster. */
  readonly ready: Check;
}

/** `/metrics`, `/healthz` and `/readyz` on `address`, `host:port`. Rejects when it is taken. */
export async function serveHttp(address: string, pages: HttpPages): Promise<Server> {
  const server = await listenHttp(address, (request, response) => {
    const answer = (code: number, text: string, type = "text/plain; charset=utf-8") => {
      response.writeHead(code, { "content-type": type }).end(text);
    };
    const checked = (check: Check) => {
      const problem = check();
      answer(problem === null ? 200 : 503, `${problem ?? "ok"}\n`);
    };
    const path = request.url?.split("?")[0];
    if (request.method !== "GET") return answer(405, "only GET is answered here\n");
    if (path === "/healthz") return checked(pages.healthy);
    if (path === "/readyz") return checked(pages.ready);
    if (path !== "/metrics") return answer(404, "there are /metrics, /healthz and /readyz\n");
    pages.metrics().then(
      (text) => answer(200, text, Registry.PROMETHEUS_CONTENT_TYPE),
      (error: Error) => answer(500, `${error.message}\n`),
    );
  });
  // Who reads nothing of its answer is let go too.
  return server.setTimeout(patienceMs);
}

/** Rejects when the address, `host:port`, is taken. */
async function listenHttp(address: string, listener: RequestListener): Promise<Server> {
  const server = httpServer(listener);
  await listenAt(server, address);
  return server;
}

/** One that waits for nobody for long. It does not listen yet. */
export function httpServer(listener: RequestListener): Server {
  const patience = { requestTimeout: patienceMs, headersTimeout: patienceMs };
  const often = { connectionsCheckingInterval: patienceMs, keepAliveTimeout: patienceMs };
  const server = createServer({ ...patience, ...often }, listener);
  server.maxConnections = connectionsMost;
  return server;
}
