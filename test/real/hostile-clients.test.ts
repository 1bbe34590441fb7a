import { once } from "node:events";
import { readdirSync, readFileSync } from "node:fs";
import { type ClientHttp2Session, connect as connectHttp2 } from "node:http2";
import { connect, type Socket } from "node:net";
import { connect as connectTls } from "node:tls";
import { ChannelCredentials, Client, type ServiceError, status } from "@grpc/grpc-js";
import fc from "fast-check";
import { afterAll, beforeAll, expect, test } from "vitest";
import { freePort } from "../../real/daemon/dev.ts";
import { PeerChannelCredentials } from "../../real/grpc/credentials.ts";
import { controlService, localService, peersService } from "../../real/grpc/services.ts";
import { clientRequest } from "../../real/wire/control.ts";
import { initRequest, joinRequest, leaveRequest, unlockRequest } from "../../real/wire/services.ts";
import { patienceMs } from "../support/patience.ts";
import { RealCluster, until } from "../support/real-cluster.ts";
import { Standby } from "../support/standby.ts";
import { framed, unreadCall } from "../support/unread-call.ts";
import { bytesOf, messageOf } from "../support/wire-arbitraries.ts";

// Goal: whatever comes in at a node's ports, it refuses it and goes on.
// Method: one swarmd, and at each of its ports random bytes, broken protocols, messages that are
// too large, and very many connections.

const cluster = new RealCluster();

let metricsPort = 0;

beforeAll(async () => {
  metricsPort = await freePort();
  (await cluster.node("m1", "--listen-metrics", `127.0.0.1:${metricsPort}`)).start();
  await cluster.ready(1);
});
afterAll(() => cluster.stop());

/** The node is the same process still, and answers. */
async function isWell(): Promise<boolean> {
  const nodes = await cluster.listed();
  return nodes.length === 1 && !cluster.first.log.includes('"level":60');
}

function address(): string {
  return `unix://${cluster.first.socket}`;
}

function port(): number {
  return Number(cluster.first.address.split(":")[1]);
}

/** Sends these bytes and waits until the other end has had enough, or half a second. */
function pour(socket: Socket, bytes: Uint8Array): Promise<void> {
  return new Promise((resolve) => {
    const done = () => {
      socket.destroy();
      resolve();
    };
    socket.on("error", done);
    socket.on("close", done);
    socket.write(bytes);
    setTimeout(done, 100);
  });
}

const preface = Buffer.from("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n");
const bytes = fc.uint8Array({ minLength: 1, maxLength: 2_000 });

test("random bytes at the TLS port, before and after the handshake", async () => {
  await fc.assert(
    fc.asyncProperty(bytes, fc.boolean(), async (garbage, hasPreface) => {
      await pour(connect(port(), "127.0.0.1"), garbage);
      const options = { port: port(), rejectUnauthorized: false, ALPNProtocols: ["h2"] };
      const after = hasPreface ? Buffer.concat([preface, garbage]) : garbage;
      await pour(connectTls(options), after);
    }),
    { numRuns: 15 },
  );
  expect(await isWell()).toBe(true);
});

test("random bytes at the control socket", async () => {
  await fc.assert(
    fc.asyncProperty(bytes, async (garbage) => {
      await pour(connect(cluster.first.socket), Buffer.concat([preface, garbage]));
      await pour(connect(cluster.first.socket), garbage);
    }),
    { numRuns: 15 },
  );
  expect(await isWell()).toBe(true);
});

/** The status with which an API of the node answers these bytes as a request. */
function answerTo(
  client: Client,
  request: Uint8Array,
  path = controlService.send.path,
): Promise<status> {
  const asBytes = (value: Uint8Array) => Buffer.from(value);
  const deadline = new Date(Date.now() + patienceMs);
  return new Promise((resolve) => {
    const answered = (error: ServiceError | null) => resolve(error?.code ?? status.OK);
    client.makeUnaryRequest(path, asBytes, asBytes, request, { deadline }, answered);
  });
}

test("random messages as control requests: each is answered, most refused", async () => {
  const client = new Client(address(), ChannelCredentials.createInsecure());
  const requests = messageOf(clientRequest.shape).map((each) => bytesOf("ClientRequest", each));
  const codes = new Set<status>();
  await fc.assert(
    fc.asyncProperty(fc.oneof(bytes, requests), async (request) => {
      const code = await answerTo(client, request);
      codes.add(code);
      expect([status.OK, status.INVALID_ARGUMENT]).toContain(code);
    }),
    { numRuns: 200 },
  );
  expect([...codes].sort()).toEqual([status.OK, status.INVALID_ARGUMENT]);
  client.close();
  expect(await isWell()).toBe(true);
});

test("random frames of a peer end its stream and nothing else", async () => {
  const { path, requestSerialize, responseDeserialize } = peersService.connect;
  await fc.assert(
    fc.asyncProperty(bytes, async (frame) => {
      const credentials = new PeerChannelCredentials(null);
      const client = new Client(cluster.first.address, credentials);
      const call = client.makeBidiStreamRequest(path, requestSerialize, responseDeserialize);
      const ended = new Promise<ServiceError>((resolve) => call.on("error", resolve));
      call.on("data", () => undefined);
      call.write(frame);
      expect((await ended).details).toContain("refused: ");
      client.close();
    }),
    { numRuns: 10 },
  );
  expect(await isWell()).toBe(true);
});

/** What the node's process has open, and the megabytes that it has of the machine's memory. */
function use(): { files: number; megabytes: number } {
  const place = `/proc/${cluster.first.pid}`;
  const status = readFileSync(`${place}/status`, "utf8");
  const kilobytes = Number(/VmRSS:\s+(\d+) kB/.exec(status)?.[1]);
  return { files: readdirSync(`${place}/fd`).length, megabytes: kilobytes / 1024 };
}

/** When what others have left behind is closed. */
async function useAtRest(): Promise<ReturnType<typeof use>> {
  for (let last = use(); ; ) {
    await new Promise((done) => setTimeout(done, 300));
    const now = use();
    if (now.files === last.files) return now;
    last = now;
  }
}

/** So many at once as a listening socket lets wait. */
async function opened(count: number, dial: () => Socket): Promise<Socket[]> {
  const sockets = Array.from({ length: count }, dial);
  for (const socket of sockets) socket.on("error", () => socket.destroy());
  await Promise.all(sockets.map((socket) => new Promise((done) => socket.once("connect", done))));
  return sockets;
}

test.each([
  ["the TLS port", () => connect(port(), "127.0.0.1")],
  ["the control socket", () => connect(cluster.first.socket)],
])("a thousand connections to %s that say nothing leave nothing", async (_, dial) => {
  const before = await useAtRest();
  const sockets: Socket[] = [];
  for (let count = 100; count <= 1_000; count += 100) {
    sockets.push(...(await opened(100, dial)));
    await until("connections that were taken", async () => {
      return use().files >= before.files + count || null;
    });
  }
  expect(await isWell()).toBe(true);
  for (const socket of sockets) socket.destroy();
  await until("as few open files as before", async () => {
    return use().files <= before.files + 20 || null;
  });
  expect(use().megabytes).toBeLessThan(before.megabytes + 100);
});

/** A call over TLS without a certificate, of a message that never comes to its end. */
async function unfinished(path: string, bytes: number): Promise<ClientHttp2Session> {
  const socket = connectTls({ port: port(), rejectUnauthorized: false, ALPNProtocols: ["h2"] });
  await once(socket, "secureConnect");
  const session = connectHttp2("http://localhost", { createConnection: () => socket });
  session.on("error", () => undefined);
  const type = { "content-type": "application/grpc", te: "trailers" };
  const call = session.request({ ":method": "POST", ":path": path, ...type });
  call.on("error", () => undefined);
  const message = framed(new Uint8Array(bytes));
  await Promise.race([
    new Promise((sent) => call.write(message.subarray(0, -1), sent)),
    once(call, "close").catch(() => undefined),
  ]);
  return session;
}

test.each([
  ["the control API", controlService.send.path],
  ["the stream between nodes", peersService.connect.path],
])("what strangers say to %s costs little memory, however much it is", async (_, path) => {
  const before = use();
  const sessions = await Promise.all(
    Array.from({ length: 8 }, () => unfinished(path, 60 * 1024 * 1024)),
  );
  expect(use().megabytes).toBeLessThan(before.megabytes + 100);
  expect(await isWell()).toBe(true);
  for (const session of sessions) session.destroy();
});

test("messages that are too large are refused, and are not kept", async () => {
  const before = use();
  const client = new Client(address(), ChannelCredentials.createInsecure());
  for (let each = 0; each < 5; each += 1) {
    const huge = new Uint8Array(65 * 1024 * 1024);
    expect(await answerTo(client, huge)).toBe(status.RESOURCE_EXHAUSTED);
  }
  client.close();
  expect(await isWell()).toBe(true);
  expect(use().megabytes).toBeLessThan(before.megabytes + 200);
});

test("a watcher that does not read is cut off, and what waited for it is let go", async () => {
  const { path, requestSerialize } = controlService.watch;
  const request = requestSerialize({ tables: [] });
  const { session, call } = await unreadCall(connect(cluster.first.socket), path, request);
  const spec = { name: "large", labels: new Map(), data: Buffer.alloc(500_000).toString("base64") };
  for (let each = 0; each < 100; each += 1) {
    const id = await cluster.first.client.command({ kind: "create-config", spec });
    await cluster.first.client.command({ kind: "remove-config", id });
  }
  let bytesRead = 0;
  call.on("data", (some: Buffer) => {
    bytesRead += some.length;
  });
  const [trailers] = await once(call, "trailers");
  expect(trailers["grpc-status"]).toBe(String(status.RESOURCE_EXHAUSTED));
  expect(decodeURI(trailers["grpc-message"])).toContain("list what there is and watch anew");
  expect(bytesRead).toBeLessThan(20 * spec.data.length);
  session.close();
  expect(await isWell()).toBe(true);
});

test("connections to a port of HTTP that say nothing are few, and are let go", async () => {
  const before = await useAtRest();
  const sockets = await opened(1_000, () => connect(metricsPort, "127.0.0.1"));
  await until("connections that are turned away", async () => {
    return use().files <= before.files + 270 || null;
  });
  expect(await isWell()).toBe(true);
  for (const socket of sockets) socket.destroy();
  await until("an answer", async () => {
    return (await fetch(`http://127.0.0.1:${metricsPort}/healthz`)).ok || null;
  });
});

test("a port of HTTP refuses what is no request, and what it does not have", async () => {
  await fc.assert(
    fc.asyncProperty(bytes, (garbage) => pour(connect(metricsPort, "127.0.0.1"), garbage)),
    { numRuns: 15 },
  );
  const { status: code } = await fetch(`http://127.0.0.1:${metricsPort}/no/such/page`);
  expect(code).toBe(404);
  expect(await isWell()).toBe(true);
});

const localRequests = {
  unlock: unlockRequest,
  init: initRequest,
  join: joinRequest,
  leave: leaveRequest,
} as const;

test("a node on standby answers whatever its sockets are told, and is none the worse", async () => {
  const standby = await Standby.start(cluster, "s1");
  const client = new Client(`unix://${standby.node.socket}`, ChannelCredentials.createInsecure());
  const docker = `${standby.node.folder}.docker`;
  for (const [name, { shape }] of Object.entries(localRequests)) {
    const { path } = localService[name as keyof typeof localRequests];
    const words = messageOf(shape).map((each) => bytesOf((shape as { name: string }).name, each));
    await fc.assert(
      fc.asyncProperty(fc.oneof(bytes, words), async (request) => {
        const code = await answerTo(client, request, path);
        expect([status.OK, status.INVALID_ARGUMENT, status.FAILED_PRECONDITION]).toContain(code);
        await pour(connect(docker), request);
        await pour(connect(docker), Buffer.from(`POST /swarm/${name} HTTP/1.1\r\n\r\n${request}`));
      }),
      { numRuns: 12 },
    );
  }
  client.close();
  expect(standby.node.log).not.toContain('"level":60');
  expect(["inactive", "active"]).toContain(await standby.state());
});
