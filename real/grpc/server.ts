import { type AddressInfo, createServer as createSocket, type Server as NetServer } from "node:net";
import { createServer, type TLSSocket } from "node:tls";
import {
  type ConnectionInjector,
  Server,
  ServerCredentials,
  type ServerOptions,
  type UntypedServiceImplementation,
} from "@grpc/grpc-js";
import { listenAt, listenPrivately } from "../listening.ts";
import type { Credentials } from "../signer/identity-files.ts";
import { callerOptions, channelOptions, tlsOptions } from "./credentials.ts";
import type { PeerConnection } from "./line.ts";
import { patienceLongestMs } from "./link.ts";
import { controlService, localService, peersService, taskLogsService } from "./services.ts";

/** Connections of all kinds at a time; more are refused. */
const connectionsMost = 4096;
/** A connection without a call is closed after this: nobody of ours leaves one idle. */
const idleMs = 60_000;
/** As long as a peer waits for it on a busy machine. */
const handshakePatienceMs = patienceLongestMs;
const stopPatienceMs = 1_000;
/** Calls of one connection at a time; more wait at the client. */
const callsMost = 1_024;
const serverLimits = {
  // Whoever asks knows how much it takes.
  "grpc.max_send_message_length": -1,
  "grpc.max_connection_idle_ms": idleMs,
  "grpc.max_concurrent_streams": callsMost,
};
const options = { ...channelOptions, ...serverLimits };
const socketOptions = { ...callerOptions, ...serverLimits };
/**
 * Whoever shows no certificate of a root that is trusted can do no more than ask for one, which
 * takes some 10 KB: this much memory they can have together, and no more.
 */
const strangersMost = 256;
const strangersOptions = {
  ...options,
  "grpc.max_receive_message_length": 256 * 1024,
  "grpc.max_concurrent_streams": 4,
  /** Megabytes, of HTTP/2 itself. */
  "grpc-node.max_session_memory": 2,
};

/** The services of a node at one address. */
export interface NodeServices {
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
export interface IncomingConnection extends PeerConnection {
  /** Ends it with all that goes over it. */
  destroy(): void;
}

/** What the server asks of whoever it is for, and tells. */
export interface PeerServerListener {
  /** Whether a root that is trusted has signed this certificate; DER. */
  isKnown(shown: Buffer): boolean;
  /** Who could not be spoken TLS with, and why. */
  failed(remote: string, reason: string): void;
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
  readonly #grpc: readonly Server[];
  readonly #connections: ReadonlyMap<string, IncomingConnection>;

  private constructor(
    address: string,
    tls: ReturnType<typeof createServer>,
    grpc: readonly Server[],
    connections: ReadonlyMap<string, IncomingConnection>,
  ) {
    this.address = address;
    this.#tls = tls;
    this.#grpc = grpc;
    this.#connections = connections;
  }

  /** Rejects when the address is taken. */
  static async listen(
    address: string,
    served: NodeServices,
    listener: PeerServerListener,
  ): Promise<PeerServer> {
    const grpc = [newServer(served, options), newServer(served, strangersOptions)] as const;
    const [known, strangers] = grpc.map(injectorOf) as [ConnectionInjector, ConnectionInjector];
    const connections = new Map<string, IncomingConnection>();
    const unknown = new Set<TLSSocket>();
    const tls = createServer({
      ...tlsOptions,
      requestCert: true,
      handshakeTimeout: handshakePatienceMs,
    });
    tls.maxConnections = connectionsMost;
    tls.on("secureConnection", (socket) => {
      const { shown } = keep(connections, socket);
      if (shown !== undefined && listener.isKnown(shown)) return known.injectConnection(socket);
      giveWay(unknown, socket);
      strangers.injectConnection(socket);
    });
    tls.on("tlsClientError", (error: Error & { reason?: string }, { remoteAddress }) => {
      listener.failed(remoteAddress ?? "", error.reason ?? error.message);
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
    await shutDown(this.#tls, this.#grpc);
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
  const server = new Server(socketOptions);
  const injector = injectorOf(server);
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
  await listenPrivately(socket, path);
  return { serve, stop: () => shutDown(socket, [server]) };
}

function newServer({ peers, control, taskLogs }: NodeServices, limits: ServerOptions): Server {
  const server = new Server(limits);
  server.addService(peersService, peers);
  server.addService(controlService, control);
  server.addService(taskLogsService, taskLogs);
  return server;
}

function injectorOf(server: Server): ConnectionInjector {
  return server.createConnectionInjector(ServerCredentials.createInsecure());
}

/** The oldest stranger gives way to those that come later. */
function giveWay(strangers: Set<TLSSocket>, socket: TLSSocket): void {
  const [oldest] = strangers;
  if (strangers.size >= strangersMost) oldest?.destroy();
  strangers.add(socket);
  socket.once("close", () => strangers.delete(socket));
}

const closed: IncomingConnection = {
  isReached: true,
  shown: undefined,
  bytesRead: 0,
  destroy: () => undefined,
};

/** Calls name their connection by its remote end, which is its own as long as it is there. */
function keep(connections: Map<string, IncomingConnection>, socket: TLSSocket): IncomingConnection {
  const name = `${socket.remoteAddress}:${socket.remotePort}`;
  const { raw: shown } = socket.getPeerCertificate();
  const connection: IncomingConnection = {
    isReached: true,
    shown,
    get bytesRead() {
      return socket.bytesRead;
    },
    destroy: () => socket.destroy(),
  };
  connections.set(name, connection);
  socket.once("close", () => connections.delete(name));
  socket.on("error", () => socket.destroy());
  return connection;
}

/**
 * Calls under way are ended first, for this long. That all are is seen at the connections:
 * `tryShutdown` of @grpc/grpc-js 1.14 does not wait for them where closing an HTTP/2 server closes
 * its sessions, as in Node 24.
 */
function shutDown(listening: NetServer, servers: readonly Server[]): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(() => {
      for (const server of servers) server.forceShutdown();
      resolve();
    }, stopPatienceMs);
    listening.close(() => {
      clearTimeout(timer);
      resolve();
    });
    for (const server of servers) server.tryShutdown(() => undefined);
  });
}
