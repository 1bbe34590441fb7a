import { Client } from "@grpc/grpc-js";
import { afterEach, expect, test } from "vitest";
import type { NodeMessage } from "../../../core/node/message.ts";
import { channelOptions, PeerChannelCredentials } from "../../../real/grpc/credentials.ts";
import { decodeFrame, encodeFrame, peersService } from "../../../real/grpc/services.ts";
import type { Credentials } from "../../../real/signer/identity-files.ts";
import type { PeerFrame } from "../../../real/wire/services.ts";
import { service } from "../../support/model.ts";
import { eventually, newCredentials, newRoot, numbered, TlsNode } from "../../support/tls-nodes.ts";

// Goal: what is large keeps nothing from getting by that is urgent, goes in parts only to who takes
// them, and costs no memory for strangers.
// Method: real certificates and sockets on loopback; a client of gRPC in the place of a peer.

const root = await newRoot();
const nodes: TlsNode[] = [];
const clients: Client[] = [];

async function member(id: string): Promise<TlsNode> {
  const node = await TlsNode.start(id, await newCredentials(root, id), [root]);
  nodes.push(node);
  return node;
}

afterEach(async () => {
  for (const client of clients.splice(0)) client.close();
  await Promise.all(nodes.splice(0).map((node) => node.stop()));
});

/** A message that may be large, and takes so many bytes at least. */
function large(number: number, bytes: number): NodeMessage {
  const { spec } = service("x".repeat(bytes));
  const request = { client: "c", sequence: number };
  const asked = { kind: "command", request, command: { kind: "create-service", spec } } as const;
  return { kind: "forward", incarnation: 0, token: number, request: asked };
}

/** A stream to `node`, as one of that id opens it; what comes over it, and why it has ended. */
function streamTo({ address }: TlsNode, nodeId: string, own: Credentials | null) {
  const client = new Client(address, new PeerChannelCredentials(own), channelOptions);
  clients.push(client);
  const { path, requestSerialize, responseDeserialize } = peersService.connect;
  const call = client.makeBidiStreamRequest(path, requestSerialize, responseDeserialize);
  const frames: PeerFrame[] = [];
  const ends: string[] = [];
  call.on("data", (bytes: Uint8Array) => {
    const frame = decodeFrame(bytes);
    if (frame.kind === "decoded") frames.push(frame.value);
  });
  call.on("error", ({ message }) => ends.push(message));
  const say = (frame: PeerFrame) => call.write(encodeFrame(frame));
  const chain = own?.chain ?? "";
  say({ kind: "hello", nodeId, address: "", instance: "", chain, takesParts: false });
  return { frames, ends, say };
}

test("what is urgent gets by what is large, which comes in its order", async () => {
  const [m1, m2] = [await member("m1"), await member("m2")];
  m1.book.learn("m2", m2.address, true);
  m1.network.send("m2", numbered(0));
  await eventually(() => m2.heard.length === 1, "the first message");
  for (let number = 1; number <= 20; number += 1) m1.network.send("m2", large(number, 1_000_000));
  m1.network.send("m2", numbered(7));
  await eventually(() => m2.heard.length === 22, "all of them");
  const said = m2.heard.map(({ message }) => ("token" in message ? message.token : "urgent"));
  const numbers = Array.from({ length: 20 }, (_, at) => at + 1);
  expect(said).toEqual(["urgent", "urgent", ...numbers]);
  expect(m2.heard.at(-1)?.message).toEqual(large(20, 1_000_000));
});

test("who does not take parts, as versions before, gets what is large in one", async () => {
  const m1 = await member("m1");
  const { frames } = streamTo(m1, "m2", await newCredentials(root, "m2"));
  await eventually(() => m1.network.connected === 1, "the stream");
  m1.network.send("m2", large(1, 100_000));
  await eventually(() => frames.some(({ kind }) => kind === "words"), "the message");
  expect(frames).toContainEqual({ kind: "words", message: large(1, 100_000) });
});

test("a stranger is told to send no parts, and is cut off when it does", async () => {
  const m1 = await member("m1");
  const stranger = streamTo(m1, "new", null);
  await eventually(() => stranger.frames.length === 2, "the greeting");
  expect(stranger.frames[0]).toMatchObject({ kind: "hello", takesParts: false });
  stranger.say({ kind: "part", size: 1_000_000, offset: 0, data: Buffer.alloc(1_000) });
  await eventually(() => stranger.ends.length === 1, "its end");
  expect(stranger.ends[0]).toContain("was told not to");
});

test("who sends the parts of a frame that is too large is cut off with the first", async () => {
  const m1 = await member("m1");
  const worker = streamTo(m1, "w1", await newCredentials(root, "w1", { role: "worker" }));
  await eventually(() => worker.frames.length === 2, "the greeting");
  expect(worker.frames[0]).toMatchObject({ kind: "hello", takesParts: true });
  worker.say({ kind: "part", size: 5_000_000, offset: 0, data: Buffer.alloc(1_000) });
  await eventually(() => worker.ends.length === 1, "its end");
  expect(worker.ends[0]).toContain("5000000 bytes is too large");
});
