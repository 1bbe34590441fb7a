import { afterAll, expect, test } from "vitest";
import type { NodeMessage } from "../../../core/node/message.ts";
import { freePort } from "../../../real/daemon/dev.ts";
import { service } from "../../support/model.ts";
import { Relay } from "../../support/relay.ts";
import { eventually, newCredentials, newRoot, numbered, TlsNode } from "../../support/tls-nodes.ts";

// Goal: a line is kept for as long as anything comes over it, however slowly, and no longer; what
// is urgent gets by.
// Method: two real nodes, with a relay between them that is slow, or stands still.

const bytesPerSecond = 16_000;
/** Nine seconds of it: a ping that is sent meanwhile waits for four, for all that is under way. */
const largeBytes = 140_000;

const relays: Relay[] = [];
const nodes: TlsNode[] = [];

async function joined(): Promise<readonly [TlsNode, TlsNode, Relay]> {
  const root = await newRoot();
  const start = async (id: string) => TlsNode.start(id, await newCredentials(root, id), [root]);
  const [m1, m2] = [await start("m1"), await start("m2")];
  nodes.push(m1, m2);
  const port = await freePort();
  const relay = new Relay(port, Number(m2.address.split(":")[1]));
  relays.push(relay);
  await relay.open();
  m1.book.learn("m2", `127.0.0.1:${port}`, true);
  m1.network.send("m2", numbered(0));
  await eventually(() => m2.heard.length === 1, "the first message");
  return [m1, m2, relay];
}

afterAll(async () => {
  for (const relay of relays) relay.cut();
  await Promise.all(nodes.map((node) => node.stop()));
});

/** A message of so many bytes at least. */
function large(bytes: number): NodeMessage {
  const { spec } = service("x".repeat(bytes));
  const request = { client: "c", sequence: 1 };
  const asked = { kind: "command", request, command: { kind: "create-service", spec } } as const;
  return { kind: "forward", incarnation: 0, token: 1, request: asked };
}

test.concurrent("what takes longer than an answer may gets over a slow line", async () => {
  const [m1, m2, relay] = await joined();
  relay.bytesPerSecond = bytesPerSecond;
  m1.network.send("m2", large(largeBytes));
  setTimeout(() => m1.network.send("m2", numbered(7)), 500);
  await eventually(() => {
    expect([m1.network.connected, m2.network.connected]).toEqual([1, 1]);
    return m2.heard.length === 3;
  }, "the large message");
  expect(m2.heard[1]?.message).toEqual(numbered(7));
});

test.concurrent("what is half sent when its line breaks is sent on another", async () => {
  const [m1, m2, relay] = await joined();
  // A line that ends too soon is one that the peer does not want.
  await new Promise((resolve) => setTimeout(resolve, 1_000));
  relay.bytesPerSecond = bytesPerSecond;
  m1.network.send("m2", large(largeBytes));
  await new Promise((resolve) => setTimeout(resolve, 2_000));
  relay.cut();
  relay.bytesPerSecond = Number.POSITIVE_INFINITY;
  await relay.open();
  await eventually(() => m2.heard.length === 2, "the large message");
});

test.concurrent("a line over which nothing comes is given up by both ends", async () => {
  const [m1, m2, relay] = await joined();
  relay.hold();
  await eventually(() => m1.network.connected + m2.network.connected === 0, "its end");
});
