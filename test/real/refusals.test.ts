import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { CaAnswer } from "../../core/ca/message.ts";
import type { SigningRoot } from "../../core/model/certificate.ts";
import { serviceSpec } from "../../core/model/service-defaults.ts";
import { ControlClient } from "../../real/api/control-client.ts";
import { PeerChannelCredentials } from "../../real/grpc/credentials.ts";
import type { Credentials } from "../../real/signer/identity-files.ts";
import { makeRequest } from "../../real/signer/x509.ts";
import { credentialsOf, rotateToKnown } from "../support/known-root.ts";
import { description } from "../support/model.ts";
import { RealCluster, type RealNode, until } from "../support/real-cluster.ts";
import { eventually, newCredentials, newRoot, TlsNode } from "../support/tls-nodes.ts";
import { User } from "../support/user.ts";

// Goal: a node lets in only who may come in, and says why not; who is out believes that it is.
// Method: a manager and a worker as processes, whose root is rotated to one of which the test has
// the key; then clients with real TLS and every kind of certificate.

const cluster = new RealCluster();
let root: SigningRoot;
let organization: string;
let worker: RealNode;
const strangers: TlsNode[] = [];

beforeAll(async () => {
  await cluster.start(1, 1);
  worker = cluster.nodes[1] as RealNode;
  ({ root, organization } = await rotateToKnown(cluster));
});

afterAll(async () => {
  await Promise.all(strangers.map((node) => node.stop()));
  await cluster.stop();
});

/** What the manager's API says to who shows this over TLS. */
async function answerTo(shown: Credentials | null): Promise<string> {
  const { address } = cluster.first;
  const client = new ControlClient(address, new PeerChannelCredentials(shown), 30_000);
  try {
    const nodes = await client.query({ kind: "list-nodes" });
    return `${nodes.length} nodes`;
  } catch (error) {
    return (error as Error).message;
  } finally {
    client.close();
  }
}

/** What the cluster's CA says to a node without a certificate. */
async function askToJoin(id: string, token: string): Promise<CaAnswer> {
  const node = await TlsNode.start(id, null, [], [root.digest]);
  strangers.push(node);
  const manager = await node.network.discover(cluster.first.address);
  const { request } = await makeRequest();
  const said = { description: description(id), availability: "active" } as const;
  const asked = { attempt: 1, request, token, ...said };
  node.network.send(manager.id, {
    kind: "ca-request",
    incarnation: 0,
    message: { kind: "certificate-request", ...asked },
  });
  await eventually(() => node.heard.length > 0, "an answer of the CA");
  const message = node.heard[0]?.message;
  if (message?.kind !== "ca-answer") throw new Error("the CA answers with something else");
  return message.message;
}

test("a manager's certificate is taken", async () => {
  expect(await answerTo(credentialsOf(cluster.first))).toBe("2 nodes");
});

test("no certificate is not enough for the control API", async () => {
  expect(await answerTo(null)).toBe("Permission denied: the caller has shown no certificate");
});

test("a certificate of another CA is refused", async () => {
  const other = await newCredentials(await newRoot(), cluster.first.id, { organization });
  const answer = await answerTo(other);
  expect(answer).toBe("Permission denied: certificate signed by unknown authority");
});

test("a certificate of another cluster under the same root is refused", async () => {
  const other = await newCredentials(root, "stranger", { organization: "other" });
  expect(await answerTo(other)).toContain("remote certificate not part of organization");
});

test("an expired certificate is refused", async () => {
  const old = await newCredentials(root, "stranger", { organization, hours: -1 });
  expect(await answerTo(old)).toBe("Permission denied: the certificate of stranger has expired");
});

test("a worker's certificate is not enough for a manager's API", async () => {
  expect(await answerTo(credentialsOf(worker))).toBe(
    "Permission denied: unauthorized peer role: swarm-worker",
  );
});

test("a token that is not the cluster's gives no certificate", async () => {
  const token = `SWMTKN-1-${root.digest}-${"0".repeat(25)}`;
  expect(await askToJoin("newcomer", token)).toMatchObject({
    kind: "certificate-refused",
    reason: "A valid join token is necessary to join this cluster",
  });
});

test("a join that is replayed for a node that has joined is refused", async () => {
  const { joinTokens } = await cluster.authority();
  expect(await askToJoin(worker.id, joinTokens.worker)).toMatchObject({
    kind: "certificate-refused",
    reason: `node ${worker.id} has joined already: remove it first, or join under a new id`,
  });
});

test("a token of one role gives no certificate of the other, nor a node another role", async () => {
  const { joinTokens } = await cluster.authority();
  const asManager = await askToJoin(worker.id, joinTokens.manager);
  expect(asManager.kind).toBe("certificate-refused");
  const joined = await askToJoin("newcomer-2", joinTokens.worker);
  expect(joined).toMatchObject({ kind: "certificate", certificate: { role: "worker" } });
});

test("swarmd says why it is not let in, and ends with an error", async () => {
  const token = `SWMTKN-1-${root.digest}-${"0".repeat(25)}`;
  const { address } = cluster.first;
  const node = await cluster.node("w9", "--join-addr", address, "--join-token", token);
  node.start();
  expect(await node.exited()).toBe(1);
  expect(node.log).toContain("A valid join token is necessary to join this cluster");
});

test("swarmd does not join a cluster whose root is not the one in its token", async () => {
  const token = `SWMTKN-1-${(await newRoot()).digest}-${"0".repeat(25)}`;
  const { address } = cluster.first;
  const node = await cluster.node("w8", "--join-addr", address, "--join-token", token);
  node.start();
  expect(await node.exited()).toBe(1);
  expect(node.log).toContain("is not of the cluster that the join token is for");
});

describe("a worker that was away while the root was rotated", () => {
  let task: number;
  const isRunning = () => existsSync(`/proc/${task}`);

  /** Who was let in and has never come would be waited for. */
  beforeAll(() => remove("newcomer-2"));

  test("is waited for, and comes back by itself", async () => {
    await worker.end("SIGKILL");
    await cluster.first.client.command({ kind: "rotate-root", root: null });
    await until("the new root's word", async () => {
      return (await cluster.authority()).rotation?.crossSigned ?? null;
    });
    worker.start();
    await until("the new root", async () => {
      return (await cluster.authority()).rotation === null || null;
    });
    await cluster.ready(2);
    task = await taskOn(worker);
  });

  test("and removed, is refused with its certificate that is still good", async () => {
    const shown = credentialsOf(worker);
    await worker.end("SIGKILL");
    await remove(worker.id);
    const reason = `Permission denied: node ${worker.id} was removed from swarm`;
    expect(await answerTo(shown)).toBe(reason);
    expect(isRunning()).toBe(true);
  });

  test("and removed, believes managers of a root it never knew, and ends its tasks", async () => {
    for (const _ of [1, 2]) {
      const before = (await cluster.authority()).root.digest;
      await cluster.first.client.command({ kind: "rotate-root", root: null });
      await until("the next root", async () => {
        return (await cluster.authority()).root.digest !== before || null;
      });
    }
    expect(isRunning()).toBe(true);
    worker.start();
    await until("the end of its task", async () => !isRunning() || null);
  });
});

async function remove(id: string): Promise<void> {
  await cluster.first.client.command({ kind: "remove-node", id, force: true });
}

/** The process of a service that runs nowhere else. */
async function taskOn(node: RealNode): Promise<number> {
  const spec = serviceSpec("web", "any", 1);
  const file = join(cluster.folder, "task.pid");
  const command = ["sh", "-c", `echo $$ > ${file}; exec sleep 1000`];
  const container = { ...spec.task.container, command };
  const placement = { ...spec.task.placement, constraints: [`node.id==${node.id}`] };
  await new User(cluster).create({ ...spec, task: { ...spec.task, container, placement } });
  return until("the process", async () => {
    return existsSync(file) ? Number(readFileSync(file, "utf8")) || null : null;
  });
}
