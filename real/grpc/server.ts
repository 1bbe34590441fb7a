import { chmodSync } from "node:fs";
import { type AddressInfo, createServer as createSocket } from "node:net";
import { createServer, type TLSSocket } from "node:tls";
import { Server, ServerCredentials, type UntypedServiceImplementation } from "@grpc/grpc-js";
import { listenAt, listening } from "../listening.ts";
import type { Credentials } from "../signer/identity-files.ts";
import { channelOptions, tlsOptions } from "./credentials.ts";
import { controlService, localService, peersService, taskLogsService } from "./services.ts";

/** Connections of all kinds at a time; more are refused. */
const connectionsMost = 4096;
/** A connection without a call is closed after this: nobody of ours leaves one idle. */
const idleMs = 60_000;
const handshakePatienceMs = 5_000;
const stopPatienceMs = 1_000;
/** Calls of one connection at a time; more wait at the client. */
const callsMost = 1_024;
const options = {
  ...channelOptions,
  "grpc.max_connection_idle_ms": idleMs,
  "grpc.max_concurrent_streams": callsMost,
};

/** The services of a node at one address. */
export interface Served {
  readonly peers: UntypedServiceImplementation;
  readonly control: UntypedServiceImplementation;
  readonly taskLogs: UntypedServiceImplementation;
}

/** The services of a node on its own socket. */
export interface ServedLocally {
  readonly control: UntypedServiceImplementation;
  readonly local: UntypedServiceImplementation;
}

/** A connection that another node has opened. */
export interface IncomingConnection {
  /** The certificate that the peer holds the key to, in DER; undefined: it has shown none. */
  readonly shown: Buffer | undefined;
  /** Ends it with all that goes over it. */
  destroy(): void;
}

/** A call that came in over TLS. */
interface Incoming {
  getPeer(): string;
}

/**
 * What other nodes and managers' clients reach. The TLS of its own is there because gRPC's says
 * nothing of a certificate that it would not trust itself: see `credentials.ts`.
 */
export class PeerServer {
  /** As it was asked for, with the port that was chosen where that was 0. */
  readonly address: string;
  readonly #tls: ReturnType<typeof createServer>;
  readonly #grpc: Server;
  readonly #connections: ReadonlyMap<string, IncomingConnection>;

  private constructor(
    address: string,
    tls: ReturnType<typeof createServer>,
    grpc: Server,
    connections: ReadonlyMap<string, IncomingConnection>,
  ) {
    this.address = address;
    this.#tls = tls;
    this.#grpc = grpc;
    this.#connections = connections;
  }

  /** Rejects when the address is taken. `failed`: who could not be spoken TLS with, and why. */
  static async listen(
    address: string,
    served: Served,
    failed: (remote: string, reason: string) => void = () => undefined,
  ): Promise<PeerServer> {
    const grpc = newServer(served);
    const injector = grpc.createConnectionInjector(ServerCredentials.createInsecure());
    const connections = new Map<string, IncomingConnection>();
    const tls = createServer({
      ...tlsOptions,
      requestCert: true,
      handshakeTimeout: handshakePatienceMs,
    });
    tls.maxConnections = connectionsMost;
    tls.on("secureConnection", (socket) => {
      keep(connections, socket);
      injector.injectConnection(socket);
    });
    tls.on("tlsClientError", (error: Error & { reason?: string }, { remoteAddress }) => {
      failed(remoteAddress ?? "", error.reason ?? error.message);
    });
    await listenAt(tls, address);
    const { port } = tls.address() as AddressInfo;
    return new PeerServer(address.replace(/\d+$/, String(port)), tls, grpc, connections);
  }

  /** From now on new connections are shown this; before the first time none comes about. */
  show({ key, chain }: Credentials): void {
    this.#tls.setSecureContext({ key, cert: chain, minVersion: tlsOptions.minVersion });
  }

  /** What a call came in over; one that is closed already has shown nothing. */
  connectionOf(call: Incoming): IncomingConnection {
    return this.#connections.get(call.getPeer()) ?? closed;
  }

  async stop(): Promise<void> {
    this.#tls.close();
    await shutDown(this.#grpc);
  }
}

/** A node's own socket. */
export interface LocalSocket {
  /** This from now on; what was asked before is answered still. */
  serve(served: ServedLocally): void;
  stop(): Promise<void>;
}

/** On a socket that only this user can open. */
export async function serveSocket(path: string, served: ServedLocally): Promise<LocalSocket> {
  const server = new Server(options);
  const injector = server.createConnectionInjector(ServerCredentials.createInsecure());
  const socket = createSocket((connection) => {
    connection.on("error", () => connection.destroy());
    injector.injectConnection(connection);
  });
  const serve = ({ control, local }: ServedLocally) => {
    for (const service of [controlService, localService]) server.removeService(service);
    server.addService(controlService, control);
    server.addService(localService, local);
  };
  serve(served);
  await listening(socket, path, () => socket.listen(path));
  chmodSync(path, 0o600);
  const stop = () => {
    socket.close();
    return shutDown(server);
  };
  return { serve, stop };
}

function newServer({ peers, control, taskLogs }: Served): Server {
  const server = new Server(options);
  server.addService(peersService, peers);
  server.addService(controlService, control);
  server.addService(taskLogsService, taskLogs);
  return server;
}

const closed: IncomingConnection = { shown: undefined, destroy: () => undefined };

/** Calls name their connection by its remote end, which is its own as long as it is there. */
function keep(connections: Map<string, IncomingConnection>, socket: TLSSocket): void {
  const name = `${socket.remoteAddress}:${socket.remotePort}`;
  const { raw: shown } = socket.getPeerCertificate();
  connections.set(name, { shown, destroy: () => socket.destroy() });
  socket.once("close", () => connections.delete(name));
  socket.on("error", () => socket.destroy());
}

function shutDown(server: Server): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(() => {
      server.forceShutdown();
      resolve();
    }, stopPatienceMs);
    server.tryShutdown(() => {
      clearTimeout(timer);
      resolve();
    });
  });
}
