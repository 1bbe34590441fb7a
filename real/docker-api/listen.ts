import { createPrivateKey, X509Certificate } from "node:crypto";
import { createServer, type RequestListener, type Server, STATUS_CODES } from "node:http";
import { createServer as createTlsServer } from "node:https";
import type { Duplex } from "node:stream";
import { listenAt, listenPrivately } from "../listening.ts";
import { bytesIn } from "../text-file.ts";
import { makeRoom } from "../unix-socket.ts";

/** Connections at a time; more are closed at once. */
const connectionsMost = 1_024;
/**
 * How long a client may take to send the head of a request, the body of an upgrade, and the end of
 * a connection that was refused. Other bodies have their own limit.
 */
export const headPatienceMs = 10_000;
/** How long a connection is kept for the next request; Docker keeps it for ever. */
const idleMs = 60_000;
/** How long nothing comes from a client before the kernel asks whether it is there. */
const vanishedMs = 15_000;
const serverOptions = {
  headersTimeout: headPatienceMs,
  requestTimeout: 0,
  keepAliveTimeout: idleMs,
  // Of TCP: a client that vanished while it was told nothing is found out.
  keepAlive: true,
  keepAliveInitialDelay: vanishedMs,
  noDelay: true,
};

/** Files in PEM: whose clients are let in, and what the server shows. */
export interface TlsFiles {
  readonly ca: string;
  readonly cert: string;
  readonly key: string;
}

/** What is served, wherever it is. */
export interface HttpHandlers {
  readonly request: RequestListener;
  readonly upgrade: (request: Parameters<RequestListener>[0], socket: Duplex, head: Buffer) => void;
}

/** On a socket that only this user can open. Rejects when somebody else listens there. */
export async function listenOnSocket(path: string, served: HttpHandlers): Promise<Server> {
  await makeRoom(path);
  const server = prepared(createServer(serverOptions), served);
  await listenPrivately(server, path);
  return server;
}

/** On `address`, `host:port`, for clients with a certificate of `tls.ca`. */
export async function listenOnTls(
  address: string,
  tls: TlsFiles,
  served: HttpHandlers,
): Promise<Server> {
  const files = contentOf(tls);
  const authentic = { requestCert: true, rejectUnauthorized: true, minVersion: "TLSv1.2" } as const;
  const options = { ...serverOptions, ...files, ...authentic, handshakeTimeout: headPatienceMs };
  const server = prepared(createTlsServer(options), served);
  await listenAt(server, address);
  return server;
}

/** Throws with the name of the file that is wrong. */
export function contentOf(tls: TlsFiles) {
  const content = { ca: bytesIn(tls.ca), cert: bytesIn(tls.cert), key: bytesIn(tls.key) };
  const certificate = "a certificate in PEM";
  read(tls.ca, certificate, () => new X509Certificate(content.ca));
  const own = read(tls.cert, certificate, () => new X509Certificate(content.cert));
  const key = read(tls.key, "a key in PEM without a passphrase", () => {
    return createPrivateKey(content.key);
  });
  if (own.checkPrivateKey(key)) return content;
  throw new Error(`the key in ${tls.key} is not that of the certificate in ${tls.cert}`);
}

function read<T>(path: string, what: string, parse: () => T): T {
  try {
    return parse();
  } catch {
    throw new Error(`${path} does not hold ${what}`);
  }
}

function prepared<S extends Server>(server: S, { request, upgrade }: HttpHandlers): S {
  server.maxConnections = connectionsMost;
  server.on("request", request);
  server.on("upgrade", upgrade);
  server.on("clientError", (error: NodeJS.ErrnoException, socket: Duplex) => {
    if (error.code === "ECONNRESET" || !socket.writable) return void socket.destroy();
    refuseRaw(socket, 400, `the request is no HTTP: ${error.message}`);
  });
  return server;
}

/** The last answer on a connection that HTTP has no hold of any more, where somebody reads it. */
export function refuseRaw(socket: Duplex, status: number, message: string): void {
  if (socket.writable) socket.end(rawAnswer(status, message));
  letGo(socket);
}

/** A client that never ends its own half of a connection is not waited for. */
export function letGo(socket: Duplex): void {
  const timer = setTimeout(() => socket.destroy(), headPatienceMs).unref();
  socket.once("close", () => clearTimeout(timer));
}

function rawAnswer(status: number, message: string): string {
  const body = `${JSON.stringify({ message })}\n`;
  const head = [
    `HTTP/1.1 ${status} ${STATUS_CODES[status]}`,
    "Content-Type: application/json",
    `Content-Length: ${Buffer.byteLength(body)}`,
    "Connection: close",
  ];
  return `${head.join("\r\n")}\r\n\r\n${body}`;
}
