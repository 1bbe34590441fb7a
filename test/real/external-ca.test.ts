import { execFile } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { SigningRoot } from "../../core/model/certificate.ts";
import type { Cluster } from "../../core/model/cluster.ts";
import { readChain } from "../../real/signer/chain.ts";
import { IdentityFiles } from "../../real/signer/identity-files.ts";
import { ownRoot } from "../../real/signer/own-root.ts";
import { hasRoot } from "../support/known-root.ts";
import { ran } from "../support/programs.ts";
import { RealCluster, type RealNode, until } from "../support/real-cluster.ts";
import { SigningServer } from "../support/signing-server.ts";
import { newRoot } from "../support/tls-nodes.ts";

// Goal: a cluster lives on with a root whose key it does not have.
// Method: nodes as processes, two HTTPS servers that sign as CFSSL does, and Docker's own client.

const run = promisify(execFile);
const cluster = new RealCluster();
let root: SigningRoot;
let north: SigningServer;
let south: SigningServer;

/** What `docker` prints, and what it says on its way out. */
async function docker(...words: string[]): Promise<string> {
  const host = `unix://${join(cluster.folder, "docker.sock")}`;
  const { stdout } = await run("docker", ["--host", host, ...words]);
  return stdout;
}

function rootFile(): string {
  const path = join(cluster.folder, "outside.pem");
  writeFileSync(path, root.certificate);
  return path;
}

/** Who has signed the node's certificate, and for what role. */
function shownBy({ folder }: RealNode) {
  const { credentials } = new IdentityFiles(`${folder}/certificates`).read();
  const read = readChain(credentials?.chain ?? "");
  return read.kind === "chain" ? read.certificate : null;
}

beforeAll(async () => {
  const first = await cluster.node("m1", "--docker-socket", join(cluster.folder, "docker.sock"));
  first.start();
  await cluster.ready(1);
  await cluster.join("w1", "worker");
  await cluster.ready(2);
  root = await newRoot("CN=outside");
  const clients = [root, (await cluster.authority()).root];
  north = await SigningServer.start(root, { clients });
  south = await SigningServer.start(root, { clients });
});

afterAll(async () => {
  north.stop();
  south.stop();
  await cluster.stop();
});

test("Docker's client moves the cluster to a root whose key is outside", async () => {
  const file = rootFile();
  const rotate = ["swarm", "ca", "--rotate", "--detach", "--ca-cert", file];
  await expect(docker(...rotate)).rejects.toThrow("--external-ca flag be provided as well");
  const keyless = ownRoot(root.certificate, null);
  const alone = cluster.first.client.command({ kind: "rotate-root", root: keyless });
  await expect(alone).rejects.toThrow("there must be at least one valid, reachable external CA");
  const authority = `protocol=cfssl,url=${north.url}`;
  await docker(...rotate, "--external-ca", authority);
  await hasRoot(cluster, root);
  for (const node of cluster.nodes) expect(shownBy(node)).toMatchObject({ issuer: root.digest });
  expect(north.clients).toContain(cluster.first.id);
  const { Swarm } = JSON.parse(await docker("info", "--format", "{{json .}}"));
  const [shown] = Swarm.Cluster.Spec.CAConfig.ExternalCAs;
  expect(shown).toMatchObject({ Protocol: "cfssl", URL: north.url });
  expect(shown.CACert.trim()).toBe(root.certificate.trim());
});

test("a node joins through the next authority when the first one lies", async () => {
  const file = rootFile();
  const named = [north, south].flatMap(({ url }) => [
    "--external-ca",
    `protocol=cfssl,url=${url},cacert=${file}`,
  ]);
  await docker("swarm", "update", ...named);
  const subject = (asked: { subject: { CN: string } }) => {
    return { ...asked.subject, names: [{ OU: "swarm-manager", O: "else" }] };
  };
  north.behaviour = { instead: (asked) => ({ subject: subject(asked) }) };
  const w2 = await cluster.join("w2", "worker");
  await cluster.ready(3);
  expect(shownBy(w2)).toMatchObject({ issuer: root.digest, role: "worker", nodeId: w2.id });
  expect(south.clients).toContain(cluster.first.id);
  expect(cluster.first.log).toContain("an external CA has not signed a certificate");
});

test("a node that no authority signs for waits, and is let in when one answers", async () => {
  north.behaviour = { body: '{"success":false,"result":null,"errors":[]}' };
  south.behaviour = { body: "busy" };
  const w3 = await cluster.join("w3", "worker");
  const refused = (url: string) =>
    cluster.first.log.split("\n").filter((line) => line.includes(url));
  await until("two rounds", async () => refused(south.url).length > 1 || null);
  expect(shownBy(w3)).toBeNull();
  south.behaviour = {};
  await cluster.ready(4);
});

test("the last authority stays, and the managers get the key only from who has it", async () => {
  const [found] = (await cluster.first.client.query({ kind: "get-cluster" })) as Cluster[];
  const { meta, spec } = found as Cluster;
  const none = { ...spec, externalCas: [] };
  const update = { kind: "update-cluster", version: meta.version, spec: none } as const;
  await expect(cluster.first.client.command(update)).rejects.toThrow("current CA certificate");
  const rotate = docker("swarm", "ca", "--rotate", "--detach");
  await expect(rotate).rejects.toThrow("do not have the key of the current CA certificate");
  const key = join(cluster.folder, "outside.key");
  writeFileSync(key, root.key);
  await docker("swarm", "ca", "--rotate", "--detach", "--ca-cert", rootFile(), "--ca-key", key);
  const [brought] = (await cluster.first.client.query({ kind: "get-cluster" })) as Cluster[];
  const version = (brought as Cluster).meta.version;
  await cluster.first.client.command({ kind: "update-cluster", version, spec: none });
  await cluster.join("w4", "worker");
  await cluster.ready(5);
});

test("a rotation says which node it waits for, and ends when that is back", async () => {
  const away = cluster.named("w4");
  await away.end("SIGKILL");
  await docker("swarm", "ca", "--rotate", "--detach");
  const listed = async () =>
    (await ran("swarmctl", ["-s", cluster.first.socket, "cluster", "ls"])).out;
  await until(
    "the others",
    async () => /waits for w4 \((ready|down)\)\n/.test(await listed()) || null,
  );
  away.start();
  await until("the new root", async () => (await listed()).includes("steady") || null);
});
