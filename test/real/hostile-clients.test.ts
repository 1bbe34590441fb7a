import { connect, type Socket } from "node:net";
import { connect as connectTls } from "node:tls";
import { ChannelCredentials, Client, type ServiceError, status } from "@grpc/grpc-js";
import fc from "fast-check";
import { afterAll, beforeAll, expect, test } from "vitest";
import { PeerChannelCredentials } from "../../real/grpc/credentials.ts";
import { controlService, peersService } from "../../real/grpc/services.ts";
import { clientRequest } from "../../real/wire/control.ts";
import { RealCluster } from "../support/real-cluster.ts";
import { bytesOf, messageOf } from "../support/wire-arbitraries.ts";

// Goal: whatever comes in at a node's ports, it refuses it and goes on.
// Method: one swarmd, and at each of its ports random bytes, broken protocols, messages that are
// too large, and very many connections.

const cluster = new RealCluster();

beforeAll(() => cluster.start(1, 0), 30_000);
afterAll(() => cluster.stop(), 30_000);

/** The node is the same process still, and answers. */
async function isWell(): Promise<boolean> {
  const nodes = await cluster.listed();
  return nodes.length === 1 && !cluster.first.log.includes('"level":60');
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

/** The status with which the control API answers these bytes as a request. */
function answerTo(client: Client, request: Uint8Array): Promise<status> {
  const { path } = controlService.send;
  const asBytes = (value: Uint8Array) => Buffer.from(value);
  const deadline = new Date(Date.now() + 5_000);
  return new Promise((resolve) => {
    const answered = (error: ServiceError | null) => resolve(error?.code ?? status.OK);
    client.makeUnaryRequest(path, asBytes, asBytes, request, { deadline }, answered);
  });
}

test("random messages as control requests: each is answered, most refused", async () => {
  const address = `unix://${cluster.first.socket}`;
  const client = new Client(address, ChannelCredentials.createInsecure());
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
  expect(await answerTo(client, new Uint8Array(65 * 1024 * 1024))).toBe(status.RESOURCE_EXHAUSTED);
  client.close();
  expect(await isWell()).toBe(true);
}, 60_000);

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

test("a thousand connections that say nothing", async () => {
  const sockets = Array.from({ length: 1_000 }, () => connect(port(), "127.0.0.1"));
  for (const socket of sockets) socket.on("error", () => socket.destroy());
  await Promise.all(sockets.map((socket) => new Promise((done) => socket.once("connect", done))));
  expect(await isWell()).toBe(true);
  for (const socket of sockets) socket.destroy();
});
