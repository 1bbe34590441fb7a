import { X509Certificate } from "node:crypto";
import { once } from "node:events";
import { connect as connectTls } from "node:tls";
import { Client, type ServiceError, status } from "@grpc/grpc-js";
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import { ms } from "../../core/base/time.ts";
import { memberIdFor } from "../../core/model/standing.ts";
import type { NodeMessage } from "../../core/node/message.ts";
import { ControlClient } from "../../real/api/control-client.ts";
import { PeerChannelCredentials } from "../../real/grpc/credentials.ts";
import { encodeFrame, peersService } from "../../real/grpc/services.ts";
import type { Credentials } from "../../real/signer/identity-files.ts";
import { certificatesIn } from "../../real/signer/x509.ts";
import { credentialsOf, type KnownRoot, rotateToKnown } from "../support/known-root.ts";
import { description } from "../support/model.ts";
import { RealCluster, type RealNode, until } from "../support/real-cluster.ts";
import {
  type CertificateTraits,
  certificateOf,
  eventually,
  newCredentials,
  newRoot,
  TlsNode,
} from "../support/tls-nodes.ts";

// Goal: over the stream between nodes only those are heard who may be, for as long as they may;
// all others are told why not, and so is the node's log.
// Method: a manager and a worker as processes, whose root the test has the key of; then peers with
// real TLS and every kind of certificate.

/** As it stands in a certificate: an object identifier of eight bytes. */
const oidOfP256 = Buffer.from("06082a8648ce3d030107", "hex");

const cluster = new RealCluster();
const peers: TlsNode[] = [];
let known: KnownRoot;
let worker: RealNode;

beforeAll(async () => {
  await cluster.start(1, 1);
  worker = cluster.nodes[1] as RealNode;
  known = await rotateToKnown(cluster);
});

afterEach(async () => {
  await Promise.all(peers.splice(0).map((peer) => peer.stop()));
});

afterAll(() => cluster.stop());

const register: NodeMessage = {
  kind: "agent",
  incarnation: 0,
  message: {
    kind: "register",
    attempt: 1,
    description: description("stranger"),
    engineSilentFor: ms(0),
  },
};

function ofCluster(id: string, traits: CertificateTraits = {}): Promise<Credentials> {
  const { root, organization } = known;
  return newCredentials(root, id, { role: "worker", organization, ...traits });
}

/** A peer that knows where the manager is, and trusts it. */
async function peer(id: string, shown: Credentials | null): Promise<TlsNode> {
  const { root } = known;
  const node = await TlsNode.start(id, shown, shown === null ? [] : [root], [root.digest]);
  peers.push(node);
  node.book.learn(cluster.first.id, cluster.first.address, true);
  return node;
}

/** The peer hears this, and the manager has it in its log. */
async function isRefused({ notices }: TlsNode, reason: string): Promise<void> {
  await eventually(() => notices.some((text) => text.includes(reason)), `${reason} at the peer`);
  await eventually(() => cluster.first.log.includes(reason), `${reason} in the manager's log`);
}

async function isRefusedSaying(node: TlsNode, message: NodeMessage, reason: string): Promise<void> {
  node.network.send(cluster.first.id, message);
  await isRefused(node, reason);
}

test("without a certificate nothing but a join is heard", async () => {
  const stranger = await peer("stranger", null);
  const reason = "Permission denied: stranger has shown no certificate";
  await isRefusedSaying(stranger, register, reason);
});

test("another CA's certificate is refused", async () => {
  const { organization } = known;
  const theirs = await newCredentials(await newRoot(), worker.id, { organization });
  const reason = "refused: Permission denied: certificate signed by unknown authority";
  await isRefusedSaying(await peer(worker.id, theirs), register, reason);
});

test("another cluster's certificate under the same root is refused", async () => {
  const theirs = await ofCluster("other", { organization: "other" });
  const reason = "refused: Permission denied: remote certificate not part of organization";
  await isRefusedSaying(await peer("other", theirs), register, reason);
});

test("an expired certificate of a node that has a newer one is refused", async () => {
  const old = await ofCluster(worker.id, { hours: -1, serial: 1 });
  expect(certificateOf(credentialsOf(worker)).serial).toBeGreaterThan(1);
  const reason = `refused: Permission denied: the certificate of ${worker.id} has expired`;
  await isRefusedSaying(await peer(worker.id, old), register, reason);
});

test("with an expired one that is its last a node may ask for the next one only", async () => {
  const late = await peer("late", await ofCluster("late", { hours: -1 }));
  const reason = "Permission denied: the certificate of late has expired";
  await isRefusedSaying(late, register, reason);
  expect(late.network.connected).toBe(1);
  expect(late.heard).toEqual([]);
});

test("a worker's certificate does not speak as a manager", async () => {
  const from = memberIdFor("w5", 1);
  const to = memberIdFor(cluster.first.id, 1);
  const vote = { kind: "vote", lastIndex: 1_000_000, lastTerm: 1_000, transfer: true } as const;
  const words: NodeMessage = {
    kind: "raft",
    time: null,
    incarnation: 0,
    message: { ...vote, from, to, term: 1_000 },
  };
  const reason = "Permission denied: unauthorized peer role: swarm-worker";
  await isRefusedSaying(await peer("w5", await ofCluster("w5")), words, reason);
});

test("who says that it is another than its certificate says is refused", async () => {
  const liar = await peer("liar", await ofCluster("w6"));
  await isRefusedSaying(liar, register, "refused: it is w6 and says that it is liar");
});

/** What a stream hears whose peer shows `own` and speaks of `chain`. */
async function answerTo(own: Credentials, nodeId: string, chain: string): Promise<ServiceError> {
  const { path, requestSerialize, responseDeserialize } = peersService.connect;
  const client = new Client(cluster.first.address, new PeerChannelCredentials(own));
  const call = client.makeBidiStreamRequest(path, requestSerialize, responseDeserialize);
  call.on("data", () => undefined);
  const hello = { kind: "hello", nodeId, address: "", instance: "", takesParts: false } as const;
  call.write(encodeFrame({ ...hello, chain }));
  const [error] = (await once(call, "error")) as [ServiceError];
  client.close();
  return error;
}

test("who speaks of another certificate than it has the key to is refused", async () => {
  const [own, stolen] = [await ofCluster("w7"), credentialsOf(worker)];
  const error = await answerTo(own, worker.id, stolen.chain);
  expect(error.code).toBe(status.PERMISSION_DENIED);
  expect(error.details).toBe("refused: it has shown another certificate than the one it speaks of");
  expect(cluster.first.log).toContain(error.details);
});

test("who hides its own certificate before another's, where TLS looks, is refused", async () => {
  const stranger = await newCredentials(await newRoot(), "stranger");
  const [own = ""] = certificatesIn(stranger.chain);
  const hidden = own.replaceAll(" CERTIFICATE", " X509 CERTIFICATE");
  const error = await answerTo(stranger, worker.id, `${hidden}\n${credentialsOf(worker).chain}`);
  expect(error.details).toBe("refused: it has shown another certificate than the one it speaks of");
});

test("who brings a certificate with a key that nobody can read is refused", async () => {
  const stranger = await newCredentials(await newRoot(), "stranger");
  const error = await answerTo(stranger, "stranger", withUnreadableKey(stranger.chain));
  expect(error.details).toBe("refused: its certificate is not good: it is no X.509 certificate");
});

/** The root in the chain has a key on a curve that there is not. */
function withUnreadableKey(chain: string): string {
  const [leaf = "", root = ""] = certificatesIn(chain);
  const bytes = new X509Certificate(root).raw;
  bytes[bytes.indexOf(oidOfP256) + oidOfP256.length - 1] = 0x66;
  const text = bytes.toString("base64");
  return `${leaf}\n-----BEGIN CERTIFICATE-----\n${text}\n-----END CERTIFICATE-----\n`;
}

test("a worker's message that is too large is not read", async () => {
  const engineLabels = new Map([["large", "x".repeat(5_000_000)]]);
  const about = { description: { ...description("w8"), engineLabels }, engineSilentFor: ms(0) };
  const message = { kind: "register", attempt: 1, ...about } as const;
  const large = { kind: "agent", incarnation: 0, message } as const;
  const talker = await peer("w8", await ofCluster("w8"));
  await isRefusedSaying(talker, large, "is too large for who is no manager");
});

test("TLS 1.2 is not spoken", async () => {
  const port = Number(cluster.first.address.split(":")[1]);
  const { key, chain: cert } = credentialsOf(worker);
  const old = { port, key, cert, rejectUnauthorized: false, maxVersion: "TLSv1.2" } as const;
  const [error] = await once(connectTls(old), "error");
  expect((error as Error).message).toContain("protocol version");
  await eventually(() => /no TLS connection: .*protocol/.test(cluster.first.log), "the log");
});

test("a stream ends soon after the peer's certificate", async () => {
  const brief = await peer("brief", await ofCluster("brief", { hours: 3 / 3600 }));
  brief.network.send(cluster.first.id, { kind: "here-i-am", incarnation: 0 });
  await eventually(() => brief.network.connected === 1, "a stream");
  const reason = "refused: Permission denied: the certificate of brief has expired";
  await isRefused(brief, reason);
});

test("a watch ends soon after the certificate of who watches", async () => {
  const brief = await ofCluster("m7", { role: "manager", hours: 3 / 3600 });
  const client = new ControlClient(cluster.first.address, new PeerChannelCredentials(brief), 5_000);
  const ended = await new Promise<Error | null>((resolve) =>
    client.watch({ tables: [] }, () => undefined, resolve),
  );
  client.close();
  expect(ended?.message).toBe("Permission denied: the certificate of m7 has expired");
});

test("a removed node's stream is ended, and when it comes back it is told why", async () => {
  const shown = credentialsOf(worker);
  const { id } = worker;
  await worker.end("SIGKILL");
  const thief = await peer(id, shown);
  thief.network.send(cluster.first.id, register);
  await eventually(() => thief.heard.length > 0, "a session");
  await cluster.first.client.command({ kind: "remove-node", id, force: true });
  const reason = `Permission denied: node ${id} was removed from swarm`;
  await isRefused(thief, `refused: ${reason}`);
  await until("the refusal of a registration", async () => {
    thief.network.send(cluster.first.id, register);
    const said = thief.heard.map(({ message }) =>
      message.kind === "dispatcher" ? message.message : null,
    );
    return (
      said.find((each) => each?.kind === "registration-refused" && each.reason === reason) ?? null
    );
  });
});
