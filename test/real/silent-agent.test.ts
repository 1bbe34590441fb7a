import { once } from "node:events";
import { readFileSync } from "node:fs";
import { connect as connectTls, type TLSSocket } from "node:tls";
import { afterAll, beforeAll, expect, test } from "vitest";
import { ms } from "../../core/base/time.ts";
import type { ServiceSpec } from "../../core/model/service.ts";
import { tlsOptions } from "../../real/grpc/credentials.ts";
import { encodeFrame, peersService } from "../../real/grpc/services.ts";
import { credentialsOf } from "../support/known-root.ts";
import { description, fileReference, spec } from "../support/model.ts";
import { RealCluster, type RealNode, until } from "../support/real-cluster.ts";
import { framed, unreadCall } from "../support/unread-call.ts";

// Goal: an agent that asks for its assignments and takes none of them costs its manager no memory
// and the other agents no time.
// Method: nodes as processes; in the place of one of them its own certificate over real TLS, which
// opens one session after the other, each of which begins with all that the node is to run.

const cluster = new RealCluster();
const configBytes = 400_000;
let silent: RealNode;

beforeAll(async () => {
  await cluster.start(1, 2);
  silent = cluster.named("w1");
  const { client } = cluster.first;
  const data = Buffer.alloc(configBytes, "x").toString("base64");
  const large = { name: "large", labels: new Map(), data };
  const id = await client.command({ kind: "create-config", spec: large });
  await client.command({ kind: "create-service", spec: sleeping("heavy", "w1", id) });
  await cluster.running("heavy", 1);
});

afterAll(() => cluster.stop());

function sleeping(name: string, hostname: string, config?: string): ServiceSpec {
  const { task, ...others } = spec(name, { constraints: [`node.hostname==${hostname}`] });
  const configs = config === undefined ? [] : [{ ...fileReference("large"), id: config }];
  const container = { ...task.container, command: ["sleep", "1000"], configs };
  return { ...others, task: { ...task, container } };
}

/** Of the manager's process. */
function megabytes(): number {
  const status = readFileSync(`/proc/${cluster.first.pid}/status`, "utf8");
  return Number(/VmRSS:\s+(\d+) kB/.exec(status)?.[1]) / 1024;
}

function words(attempt: number): Buffer {
  const about = { description: description("w1"), engineSilentFor: ms(0) };
  const message = { kind: "register", attempt, ...about } as const;
  return framed(
    encodeFrame({ kind: "words", message: { kind: "agent", incarnation: 0, message } }),
  );
}

/** A stream in the place of the node; nothing that comes over it is read. */
async function stream() {
  const { key, chain } = credentialsOf(silent);
  const port = Number(cluster.first.address.split(":")[1]);
  const socket: TLSSocket = connectTls({ port, key, cert: chain, ...tlsOptions });
  await once(socket, "secureConnect");
  const hello = encodeFrame({
    kind: "hello",
    nodeId: silent.id,
    address: "",
    instance: "",
    chain,
    takesParts: false,
  });
  return { socket, ...(await unreadCall(socket, peersService.connect.path, hello, true)) };
}

/** Gives the other agent one task after the other; the longest that one took, in milliseconds. */
async function slowestOfOthers(isOver: () => boolean): Promise<number> {
  let slowestMs = 0;
  for (let count = 0; !isOver(); count += 1) {
    const begun = performance.now();
    const name = `light-${count}`;
    await cluster.first.client.command({ kind: "create-service", spec: sleeping(name, "w2") });
    await cluster.running(name, 1);
    slowestMs = Math.max(slowestMs, performance.now() - begun);
  }
  return slowestMs;
}

test("an agent that takes none of its assignments is cut off, and others get theirs", async () => {
  await silent.end("SIGKILL");
  const { socket, call } = await stream();
  const before = megabytes();
  let most = before;
  const others = slowestOfOthers(() => socket.destroyed);
  let sessions = 0;
  for (; !socket.destroyed && sessions < 3_000; sessions += 1) {
    call.write(words(sessions + 1));
    await new Promise((done) => setTimeout(done, 10));
    most = Math.max(most, megabytes());
  }
  const reason = "refused: it has read nothing for 5000 ms";
  await until(reason, async () => cluster.first.log.includes(reason) || null);
  expect(sessions * configBytes).toBeGreaterThan(50_000_000);
  expect(most).toBeLessThan(before + 150);
  expect(await others).toBeLessThan(60_000);
});

test("and the node itself comes back", async () => {
  silent.start();
  await cluster.ready(3);
  await cluster.running("heavy", 1);
});
