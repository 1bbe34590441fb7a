import { once } from "node:events";
import { type ClientHttp2Session, connect as connectHttp } from "node:http2";
import { connect as connectTls, type TLSSocket } from "node:tls";
import { Client, type ServiceError } from "@grpc/grpc-js";
import { afterAll, beforeAll, expect, test } from "vitest";
import { PeerChannelCredentials, tlsOptions } from "../../../real/grpc/credentials.ts";
import { peersService } from "../../../real/grpc/services.ts";
import type { Credentials } from "../../../real/signer/identity-files.ts";
import { eventually, newCredentials, newRoot, TlsNode } from "../../support/tls-nodes.ts";

// Goal: whoever shows no certificate of a root that is trusted costs a node little, however many
// they are and whatever they send; members are bound by none of that.
// Method: real TLS clients at one node, with a certificate of its root, of another, and without.

const strangersMost = 256;
const [root, foreign] = await Promise.all([newRoot(), newRoot()]);
let m1: TlsNode;
let member: Credentials;

beforeAll(async () => {
  m1 = await TlsNode.start("m1", await newCredentials(root, "m1"), [root]);
  member = await newCredentials(root, "w1", { role: "worker" });
});

afterAll(() => m1.stop());

async function connection(own: Credentials | null): Promise<TLSSocket> {
  const port = Number(m1.address.split(":")[1]);
  const shown = own === null ? {} : { key: own.key, cert: own.chain };
  const socket = connectTls({ port, ...shown, ...tlsOptions });
  socket.on("error", () => undefined);
  await once(socket, "secureConnect");
  return socket;
}

/** It answers whether it is there still: who does not is cut off sooner. */
async function session(own: Credentials | null): Promise<ClientHttp2Session> {
  const socket = await connection(own);
  const opened = connectHttp("http://localhost", { createConnection: () => socket });
  opened.on("error", () => undefined);
  return opened;
}

/** How many calls at a time the node takes on a connection. */
async function callsOf(own: Credentials | null): Promise<number | undefined> {
  const opened = await session(own);
  const [settings] = await once(opened, "remoteSettings");
  opened.destroy();
  return settings.maxConcurrentStreams;
}

/** How the node ends a call that begins with so many bytes, which are no frame. */
async function endAfter(bytes: number, own: Credentials | null): Promise<string> {
  const client = new Client(m1.address, new PeerChannelCredentials(own));
  const { path } = peersService.connect;
  const asIs = (value: unknown) => value as Buffer;
  const call = client.makeBidiStreamRequest(path, asIs, asIs);
  call.on("data", () => undefined);
  call.write(Buffer.alloc(bytes, 1));
  const [error] = (await once(call, "error").catch((error) => [error])) as [ServiceError];
  client.close();
  return error.details;
}

test("the oldest of too many strangers gives way, and no member does", async () => {
  const sessions = [await session(member)];
  for (let each = 0; each < strangersMost + 2; each += 1) sessions.push(await session(null));
  const isOpen = ({ destroyed }: ClientHttp2Session) => !destroyed;
  await eventually(() => sessions.filter(isOpen).length === strangersMost + 1, "the end of two");
  expect(sessions.slice(0, 4).map(isOpen)).toEqual([true, false, false, true]);
  for (const opened of sessions) opened.destroy();
});

test("a stranger has few calls at a time", async () => {
  expect(await callsOf(null)).toBe(4);
  expect(await callsOf(await newCredentials(foreign, "w1"))).toBe(4);
  expect(await callsOf(member)).toBe(1_024);
});

test("a stranger's message is small", async () => {
  expect(await endAfter(300_000, null)).toContain("larger than max");
  expect(await endAfter(300_000, await newCredentials(foreign, "w1"))).toContain("larger than max");
  expect(await endAfter(200_000, null)).toContain("no frame");
  expect(await endAfter(300_000, member)).toContain("no frame");
});
