import type { Server } from "node:http";
import type { Logger } from "pino";
import { ApiHandler, type Elsewhere } from "./handler.ts";
import { listenOnSocket, listenOnTls, type Served, type TlsFiles } from "./listen.ts";
import type { Route } from "./routes.ts";

/** Where the API is served; null: not there. */
export interface ServedAt {
  /** Path of a unix socket. */
  readonly socket: string | null;
  readonly tls: { readonly address: string; readonly files: TlsFiles } | null;
}

/** Docker's Engine API, of `routes` and what is `elsewhere`. Rejects where it can't be served. */
export async function serveDockerApi(
  at: ServedAt,
  routes: readonly Route[],
  elsewhere: Elsewhere,
  log: Logger,
): Promise<{ close(): void }> {
  const handler = new ApiHandler(routes, elsewhere, log);
  const served: Served = {
    request: (request, response) => void handler.handle(request, response),
    upgrade: (request, socket, head) => elsewhere.upgrade(request, socket, head),
  };
  const servers: Server[] = [];
  const close = () => {
    for (const server of servers) {
      server.close();
      server.closeAllConnections();
    }
  };
  try {
    if (at.socket !== null) servers.push(await listenOnSocket(at.socket, served));
    if (at.tls !== null) servers.push(await listenOnTls(at.tls.address, at.tls.files, served));
  } catch (error) {
    close();
    throw error;
  }
  return { close };
}
