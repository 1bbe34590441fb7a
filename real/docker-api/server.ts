import type { Server } from "node:http";
import type { Logger } from "pino";
import { makeRoom } from "../unix-socket.ts";
import { ApiHandler, type Elsewhere } from "./handler.ts";
import {
  contentOf,
  type HttpHandlers,
  listenOnSocket,
  listenOnTls,
  type TlsFiles,
} from "./listen.ts";
import type { Route } from "./routes.ts";

/** Where the API is served; null: not there. */
export interface ServedAt {
  /** Path of a unix socket. */
  readonly socket: string | null;
  readonly tls: { readonly address: string; readonly files: TlsFiles } | null;
}

/** Docker's Engine API, wherever it is served. */
export interface DockerServer {
  /** These from now on, in place of those before; what was asked before is answered still. */
  serve(routes: readonly Route[], elsewhere: Elsewhere): void;
  close(): void;
}

/** Rejects where it could not be served. */
export async function checkPlace({ socket, tls }: ServedAt): Promise<void> {
  if (socket !== null) await makeRoom(socket);
  if (tls !== null) contentOf(tls.files);
}

/** Serves `routes` and what is `elsewhere`. Rejects where it can't be served. */
export async function serveDockerApi(
  at: ServedAt,
  routes: readonly Route[],
  elsewhere: Elsewhere,
  log: Logger,
): Promise<DockerServer> {
  let now = { handler: new ApiHandler(routes, elsewhere, log), elsewhere };
  const served: HttpHandlers = {
    request: (request, response) => void now.handler.handle(request, response),
    upgrade: (request, socket, head) => now.elsewhere.upgrade(request, socket, head),
  };
  const serve: DockerServer["serve"] = (newer, newElsewhere) => {
    now = { handler: new ApiHandler(newer, newElsewhere, log), elsewhere: newElsewhere };
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
  return { serve, close };
}
