import { once } from "node:events";
import { type AddressInfo, createServer, type Socket } from "node:net";
import { expect, test } from "vitest";
import { freePort } from "../../../real/daemon/dev.ts";
import { collectGarbage } from "../../support/garbage.ts";
import { Relay } from "../../support/relay.ts";
import { eventually, newCredentials, newRoot, numbered, TlsNode } from "../../support/tls-nodes.ts";

// Goal: who stands still, so that its kernel takes connections and nobody answers, costs nothing;
// who answers late is waited for, as a machine to which many connect at once does.
// Method: a real node sends to a socket that reads and never says a word of TLS, and to a node
// behind a relay that keeps the first bytes of each connection to itself for a while.

test("a connection that the peer's machine takes, and nobody answers, is given up", async () => {
  const open = new Set<Socket>();
  const silent = createServer((socket) => {
    open.add(socket);
    socket.on("error", () => undefined).on("close", () => open.delete(socket));
    socket.resume();
  });
  await once(silent.listen(0, "127.0.0.1"), "listening");
  const root = await newRoot();
  const m1 = await TlsNode.start("m1", await newCredentials(root, "m1"), [root]);
  m1.book.learn("m2", `127.0.0.1:${(silent.address() as AddressInfo).port}`, true);
  m1.network.send("m2", numbered(1));
  await eventually(() => open.size === 1, "the connection");
  await eventually(() => m1.notices.length > 0, "the notice");
  await eventually(() => open.size === 0, "the end of the connection");
  expect(m1.notices[0]).toContain("it has not said who it is");
  await m1.stop();
  silent.close();
});

test("a peer that answers later than the first call waits is reached by the second", async () => {
  const root = await newRoot();
  const [m1, m2] = await Promise.all(
    ["m1", "m2"].map(async (id) => TlsNode.start(id, await newCredentials(root, id), [root])),
  );
  if (m1 === undefined || m2 === undefined) throw new Error("two nodes are started");
  const port = await freePort();
  const relay = new Relay(port, Number(m2.address.split(":")[1]));
  relay.delaysFirstBytesByMs = 7_000;
  await relay.open();
  m1.book.learn("m2", `127.0.0.1:${port}`, true);
  const asks = setInterval(() => m1.network.send("m2", numbered(1)), 500);
  await eventually(() => m2.heard.length > 0, "words to who answers late");
  clearInterval(asks);
  expect(m1.notices).toHaveLength(1);
  relay.cut();
  await Promise.all([m1.stop(), m2.stop()]);
});

test("a node that says that it is where no node can be is nowhere, and harms nobody", async () => {
  const root = await newRoot();
  const m1 = await TlsNode.start("m1", await newCredentials(root, "m1"), [root]);
  for (const [at, address] of ["\n:2377", "unix:///run/docker.sock", "w1"].entries()) {
    m1.book.learn(`w${at}`, address, false);
    m1.network.send(`w${at}`, numbered(at));
    expect(m1.network.channelTo(`w${at}`)).toBeNull();
  }
  expect(m1.network.dropped).toBe(3);
  await m1.stop();
});

test("of those whom nobody knows the way to nothing is kept, however many are named", async () => {
  const root = await newRoot();
  const m1 = await TlsNode.start("m1", await newCredentials(root, "m1"), [root]);
  collectGarbage();
  const before = process.memoryUsage().heapUsed;
  for (let at = 0; at < 50_000; at += 1) m1.network.send(`x${at}`, numbered(at));
  collectGarbage();
  expect(process.memoryUsage().heapUsed - before).toBeLessThan(10_000_000);
  expect(m1.network.dropped).toBe(50_000);
  await m1.stop();
});
