import { once } from "node:events";
import type { Socket } from "node:net";
import { connect as connectTls } from "node:tls";
import { afterEach, describe, expect, test } from "vitest";
import { seconds } from "../../../core/base/time.ts";
import type { SigningRoot } from "../../../core/model/certificate.ts";
import type { NodeMessage } from "../../../core/node/message.ts";
import { freePort } from "../../../real/daemon/dev.ts";
import { tlsOptions } from "../../../real/grpc/credentials.ts";
import { encodeFrame, peersService } from "../../../real/grpc/services.ts";
import type { Credentials } from "../../../real/signer/identity-files.ts";
import { collectGarbage } from "../../support/garbage.ts";
import { description } from "../../support/model.ts";
import { Relay } from "../../support/relay.ts";
import {
  certificateOf,
  eventually,
  newCredentials,
  newRoot,
  numbered,
  TlsNode,
  vouching,
} from "../../support/tls-nodes.ts";
import { type UnreadCall, unreadCall } from "../../support/unread-call.ts";

/** A message that takes so many bytes at least. */
function large(bytes: number): NodeMessage {
  const asked = { kind: "certificate-request", attempt: 1, token: null } as const;
  const said = { description: description("m1"), availability: "active" } as const;
  const message = { ...asked, request: "x".repeat(bytes), ...said };
  return { kind: "ca-request", incarnation: 0, message };
}

// Goal: datagrams get from node to node over mutual TLS, each with the certificate that its sender
// has shown; nothing of a node's words reaches who has not proven to be the peer they are for.
// Method: real certificates and sockets on loopback; strangers in every guise.

const nodes: TlsNode[] = [];
const root = await newRoot();

async function started(...words: Parameters<typeof TlsNode.start>): Promise<TlsNode> {
  const node = await TlsNode.start(...words);
  nodes.push(node);
  return node;
}

async function member(id: string, role: "manager" | "worker" = "manager"): Promise<TlsNode> {
  return started(id, await newCredentials(root, id, { role }), [root]);
}

afterEach(async () => {
  await Promise.all(nodes.splice(0).map((node) => node.stop()));
});

test("words reach the peer, both ways over one stream, with the sender's certificate", async () => {
  const [m1, w1] = [await member("m1"), await member("w1", "worker")];
  w1.book.learn("m1", m1.address, true);
  for (let number = 1; number <= 50; number += 1) w1.network.send("m1", numbered(number));
  await eventually(() => m1.heard.length === 50, "fifty messages");
  expect(m1.numbers).toEqual(Array.from({ length: 50 }, (_, at) => at + 1));
  expect(m1.heard[0]?.from).toBe("w1");
  expect(m1.heard[0]?.certificate).toMatchObject({ nodeId: "w1", role: "worker" });
  m1.network.send("w1", numbered(7));
  await eventually(() => w1.heard.length === 1, "the answer");
  expect(w1.heard[0]?.certificate).toMatchObject({ nodeId: "m1", role: "manager" });
  expect([m1.network.connected, w1.network.connected]).toEqual([1, 1]);
});

test("a node hears what it sends to itself, though never at once", async () => {
  const m1 = await member("m1");
  m1.network.send("m1", numbered(1));
  expect(m1.heard).toEqual([]);
  await eventually(() => m1.heard.length === 1, "its own words");
  expect(m1.heard[0]).toMatchObject({ from: "m1", certificate: { nodeId: "m1", serial: 1 } });
});

test("managers' addresses are passed on, workers' are not", async () => {
  const [m1, m2, w1] = [await member("m1"), await member("m2"), await member("w1", "worker")];
  m2.book.learn("m1", m1.address, true);
  w1.book.learn("m1", m1.address, true);
  m2.network.send("m1", numbered(1));
  w1.network.send("m1", numbered(1));
  await eventually(() => w1.book.addressOf("m2") === m2.address, "m2's address at w1");
  expect(m2.book.addressOf("w1")).toBe(undefined);
  w1.network.send("m2", numbered(2));
  await eventually(() => m2.heard.length === 1, "words between two that were introduced");
});

test("where managers are nobody says whom core does not believe", async () => {
  const [m1, m2, m3] = [await member("m1"), await member("m2"), await member("m3")];
  m1.knowsManagers = ({ id }) => id === "m3";
  for (const other of [m2, m3]) {
    other.book.learn("m1", m1.address, true);
    other.book.learn(`of-${other.id}`, "127.0.0.1:9", true);
    other.network.send("m1", numbered(1));
    await eventually(() => m1.heard.some(({ from }) => from === other.id), "its words");
  }
  expect([...m1.book.managers.keys()].sort()).toEqual(["m3", "of-m3"]);
  expect(m1.book.addressOf("m2")).toBe(m2.address);
});

test("a peer that starts later is reached, and one that starts anew is reached again", async () => {
  const [m1, m2] = [await member("m1"), await member("m2")];
  const { address } = m2;
  await m2.stop();
  nodes.pop();
  m1.book.learn("m2", address, true);
  m1.network.send("m2", numbered(1));
  await eventually(() => m1.notices.length > 0, "a notice that m2 is not there");
  expect(m1.notices[0]).toBe(`m2: can't reach ${address}: nobody listens there`);
  const again = await member("m2");
  m1.book.learn("m2", again.address, true);
  await eventually(() => {
    m1.network.send("m2", numbered(2));
    return again.heard.length > 0;
  }, "words after the start");
});

test("a node that stops refuses nobody", async () => {
  const [m1, m2] = [await member("m1"), await member("m2")];
  m1.book.learn("m2", m2.address, true);
  m1.network.send("m2", numbered(1));
  await eventually(() => m2.heard.length === 1, "the first message");
  await m2.stop();
  await eventually(() => m1.network.connected === 0, "the end of the stream");
  expect([...m1.notices, ...m2.notices].join()).not.toContain("refused");
});

test("a new certificate is shown without a message lost, and both sides see it", async () => {
  const [m1, w1] = [await member("m1"), await member("w1", "worker")];
  w1.book.learn("m1", m1.address, true);
  let sent = 0;
  const timer = setInterval(() => {
    sent += 1;
    w1.network.send("m1", numbered(sent));
    m1.network.send("w1", numbered(sent));
  }, 5);
  await eventually(() => m1.heard.length > 5 && w1.heard.length > 5, "words both ways");
  w1.show(await newCredentials(root, "w1", { role: "worker", serial: 2 }));
  m1.show(await newCredentials(root, "m1", { serial: 3 }));
  const serialOf = (node: TlsNode) => node.heard.at(-1)?.certificate?.serial;
  await eventually(() => serialOf(m1) === 2 && serialOf(w1) === 3, "the new certificates");
  clearInterval(timer);
  await eventually(() => m1.heard.length === sent, "all that was sent");
  expect([...m1.numbers].sort((a, b) => a - b)).toEqual(
    Array.from({ length: sent }, (_, at) => at + 1),
  );
});

test("a node without a certificate is heard, and is told only what its join needs", async () => {
  const m1 = await member("m1");
  const joiner = await started("new", null, [], [root.digest]);
  expect(await joiner.network.discover(m1.address)).toMatchObject({ id: "m1" });
  joiner.network.send("m1", numbered(1));
  await eventually(() => m1.heard.length === 1, "its words");
  expect(m1.heard[0]).toMatchObject({ from: "new", certificate: null });
  m1.network.send("new", numbered(2));
  await new Promise((resolve) => setTimeout(resolve, 200));
  expect(joiner.heard).toEqual([]);
});

test("a joining node does not speak to a cluster of another root than its token's", async () => {
  const m1 = await member("m1");
  const other = await newRoot();
  const joiner = await started("new", null, [], [other.digest]);
  await expect(joiner.network.discover(m1.address)).rejects.toThrow(
    "certificate signed by unknown authority",
  );
});

test("who has another cluster's certificate is refused, on either side", async () => {
  const m1 = await member("m1");
  const other = await newRoot();
  const credentials = await newCredentials(other, "w1", { role: "worker" });
  const w1 = await started("w1", credentials, [other]);
  w1.book.learn("m1", m1.address, true);
  m1.book.learn("w1", w1.address, false);
  w1.network.send("m1", numbered(1));
  m1.network.send("w1", numbered(2));
  await eventually(() => w1.notices.length > 0 && m1.notices.length > 0, "both refusals");
  expect(w1.notices[0]).toContain("certificate signed by unknown authority");
  expect([m1.heard, w1.heard]).toEqual([[], []]);
});

test("who says that it is the node itself is not heard", async () => {
  const m1 = await member("m1");
  const stranger = await started("m1", null, [], [root.digest]);
  await expect(stranger.network.discover(m1.address)).rejects.toThrow("this node itself");
  expect(m1.heard).toEqual([]);
});

test("words for one node do not go to another that has its address", async () => {
  const [m1, w1] = [await member("m1"), await member("w1", "worker")];
  m1.book.learn("m2", w1.address, true);
  m1.network.send("m2", numbered(1));
  await eventually(() => m1.notices.length > 0, "a notice");
  expect(m1.notices[0]).toContain("w1 is there, and not m2");
  expect(w1.heard).toEqual([]);
});

test("during a rotation both roots' certificates are good, by the old root's word", async () => {
  const next = await newRoot();
  const vouchers = [await vouching(root, next)];
  const credentials = await newCredentials(next, "m2", { vouchers });
  expect(certificateOf(credentials).vouchers).toEqual([root.digest]);
  const [m1, m2] = [await member("m1"), await started("m2", credentials, [root, next])];
  m2.book.learn("m1", m1.address, true);
  m2.network.send("m1", numbered(1));
  await eventually(() => m1.heard.length === 1, "words under the new root");
  m1.network.trust([next]);
  await eventually(() => m2.network.connected === 1, "still connected");
  m2.network.trust([next]);
  expect(m2.network.connected).toBe(0);
});

describe("a node that was away while the root was rotated twice", () => {
  const refused: NodeMessage = {
    kind: "dispatcher",
    incarnation: 1,
    message: { kind: "registration-refused", attempt: 1, reason: "removed" },
  };

  /** A manager of the newest root, with the word of those before it. */
  async function managerOf(newest: SigningRoot): Promise<TlsNode> {
    const second = await newRoot();
    const vouchers = [await vouching(second, newest), await vouching(root, second)];
    const credentials = await newCredentials(newest, "m1", { vouchers });
    expect(certificateOf(credentials).vouchers).toEqual([second.digest, root.digest]);
    return started("m1", credentials, [newest]);
  }

  test("says its words with its old certificate, and is told that it is out", async () => {
    const [m1, w1] = [await managerOf(await newRoot()), await member("w1", "worker")];
    w1.book.learn("m1", m1.address, true);
    w1.network.send("m1", numbered(1));
    await eventually(() => m1.heard.length === 1, "its words");
    expect(m1.heard[0]?.certificate).toMatchObject({ nodeId: "w1", issuer: root.digest });
    m1.network.send("w1", numbered(2));
    m1.network.send("w1", refused);
    await eventually(() => w1.heard.length > 0, "that it is out");
    expect(w1.heard).toMatchObject([{ from: "m1", message: refused }]);
  });

  test("teaches nobody where managers are", async () => {
    const [m1, usurper] = [await managerOf(await newRoot()), await member("m2")];
    usurper.book.learn("m1", m1.address, true);
    usurper.book.learn("m9", "127.0.0.1:9", true);
    usurper.network.send("m1", numbered(1));
    await eventually(() => m1.heard.length === 1, "its words");
    expect([m1.book.addressOf("m9"), m1.book.addressOf("m2")]).toEqual([undefined, undefined]);
  });
});

test("a peer that does not read makes nothing grow: what is too much is dropped", async () => {
  const [m1, m2] = [await member("m1"), await member("m2")];
  const port = await freePort();
  const relay = new Relay(port, Number(m2.address.split(":")[1]));
  await relay.open();
  m1.book.learn("m2", `127.0.0.1:${port}`, true);
  m1.network.send("m2", numbered(1));
  await eventually(() => m2.heard.length === 1, "the first message");
  relay.hold();
  const before = process.memoryUsage().external;
  for (let count = 0; count < 300; count += 1) m1.network.send("m2", large(1_000_000));
  await eventually(() => m1.network.dropped > 200, "most of them dropped");
  collectGarbage();
  expect(process.memoryUsage().external - before).toBeLessThan(150_000_000);
  relay.cut();
});

/** A stream of its own to `node`, for who has these credentials. Nothing of it is read. */
async function unreadStream(
  node: TlsNode,
  id: string,
  { key, chain }: Credentials,
): Promise<UnreadCall & { readonly socket: Socket }> {
  const port = Number(node.address.split(":")[1]);
  const socket = connectTls({ port, key, cert: chain, ...tlsOptions });
  await once(socket, "secureConnect");
  const said = { nodeId: id, address: "", instance: "", chain, takesParts: false };
  const hello = encodeFrame({ kind: "hello", ...said });
  return { ...(await unreadCall(socket, peersService.connect.path, hello, true)), socket };
}

test("a peer that reads nothing is cut off, and others hear all the while", async () => {
  const [m1, m2] = [await member("m1"), await member("m2")];
  const { socket } = await unreadStream(m1, "w1", await newCredentials(root, "w1"));
  await eventually(() => m1.network.connected === 1, "the stream");
  m2.book.learn("m1", m1.address, true);
  m2.network.send("m1", numbered(0));
  await eventually(() => m1.network.connected === 2, "the other stream");
  const before = process.memoryUsage().external;
  let sent = 0;
  const slowest = { ms: 0 };
  for (; !socket.destroyed && sent < 2_000; sent += 1) {
    m1.network.send("w1", large(1_000_000));
    const at = performance.now();
    m1.network.send("m2", numbered(sent));
    await eventually(() => m2.heard.length === sent + 1, "words to the other");
    slowest.ms = Math.max(slowest.ms, performance.now() - at);
  }
  expect(slowest.ms, "not until it is cut off").toBeLessThan(4_900);
  expect(m1.notices).toEqual(["w1: refused: it has read nothing for 5000 ms"]);
  expect(m1.network.dropped).toBeGreaterThan(0);
  collectGarbage();
  expect(process.memoryUsage().external - before).toBeLessThan(150_000_000);
});

/** A process that speaks as `w1`, and has said something to the manager. */
async function speaker(m1: TlsNode, serial: number): Promise<TlsNode> {
  const node = await started("w1", await newCredentials(root, "w1", { serial }), [root]);
  node.book.learn("m1", m1.address, true);
  node.network.send("m1", numbered(serial));
  await eventually(() => m1.heard.length > 0, "whoever was first");
  return node;
}

test("words go to who has a node's newest certificate, not to who kept an old one", async () => {
  const m1 = await member("m1");
  const thief = await speaker(m1, 1);
  const w1 = await speaker(m1, 2);
  await eventually(() => m1.heard.length === 2, "both");
  m1.network.send("w1", numbered(3));
  await eventually(() => w1.numbers.includes(3), "the words");
  expect(thief.numbers).toEqual([]);
});

test("of two processes that are one node the second waits for the end of the first", async () => {
  const m1 = await member("m1");
  const first = await speaker(m1, 1);
  const copy = await speaker(m1, 1);
  const reason = "another process speaks as node w1 already, from 127.0.0.1";
  const isTold = ({ notices }: TlsNode) => notices.some((text) => text.includes(reason));
  await eventually(() => isTold(copy) && isTold(m1), "the reason at both ends");
  await first.stop();
  copy.network.send("m1", numbered(5));
  await eventually(() => m1.heard.length === 2, "the other one then");
});

test("one peer has few streams: the oldest gives way", async () => {
  const m1 = await member("m1");
  const credentials = await newCredentials(root, "w1");
  const told: [number, string][] = [];
  for (let each = 0; each < 10; each += 1) {
    const { call } = await unreadStream(m1, "w1", credentials);
    call.resume();
    call.on("trailers", (trailers) => told.push([each, decodeURI(trailers["grpc-message"])]));
  }
  const reason = "refused: the node has newer connections";
  await eventually(() => told.length === 2, "the end of two streams");
  expect(told).toEqual([
    [0, reason],
    [1, reason],
  ]);
});

test("strangers who only hold a place keep nobody from joining, nor members out", async () => {
  const m1 = await member("m1");
  const port = Number(m1.address.split(":")[1]);
  const socket = connectTls({ port, ...tlsOptions });
  await once(socket, "secureConnect");
  const silent = { address: "", instance: "", chain: "", takesParts: false };
  const hello = encodeFrame({ kind: "hello", nodeId: "nobody", ...silent });
  const { session } = await unreadCall(socket, peersService.connect.path, hello, true);
  const type = { "content-type": "application/grpc", te: "trailers" };
  for (let each = 0; each < 300; each += 1) {
    session.request({ ":method": "POST", ":path": peersService.connect.path, ...type });
  }
  const w1 = await member("w1", "worker");
  expect(await w1.network.discover(m1.address)).toMatchObject({ id: "m1" });
  const joiner = await started("new", null, [], [root.digest]);
  expect(await joiner.network.discover(m1.address)).toMatchObject({ id: "m1" });
  session.destroy();
});

test("a peer whose certificate core does not take is left, whoever has called", async () => {
  const [m1, m2] = [await member("m1"), await member("m2")];
  m1.book.learn("m2", m2.address, true);
  m1.network.send("m2", numbered(1));
  await eventually(() => m2.heard.length === 1, "the first message");
  m1.welcome = () => ({ kind: "guest", reason: "its time is over", patience: seconds(60) });
  await eventually(() => m2.network.connected === 0, "the end of the stream");
  expect(m1.notices).toContain("m2: not spoken to any more: its time is over");
  m1.welcome = () => ({ kind: "refused", reason: "somebody else has its key" });
  m1.network.send("m2", numbered(2));
  await eventually(() => m1.notices.length === 2, "the refusal");
  expect(m1.notices[1]).toContain("somebody else has its key");
  expect(m1.network.channelTo("m2")).not.toBe(null);
}, 20_000);
