import { execFile } from "node:child_process";
import { once } from "node:events";
import { readFileSync, statSync } from "node:fs";
import { get, type IncomingMessage } from "node:http";
import { connect } from "node:http2";
import { connect as toSocket } from "node:net";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { promisify } from "node:util";
import { afterAll, beforeAll, expect, test } from "vitest";
import { serviceSpec } from "../../core/model/service-defaults.ts";
import { freePort } from "../../real/daemon/dev.ts";
import { RealCluster, type RealNode, until } from "../support/real-cluster.ts";

// Goal: what an operator does to nodes, and is told of them, is as the documentation says.
// Method: three managers and a worker as processes, each with pages for those who watch over it.

const cluster = new RealCluster();
const pages = new Map<string, string>();
const debug = join(cluster.folder, "debug.sock");

async function node(name: string, ...words: string[]): Promise<RealNode> {
  const address = `127.0.0.1:${await freePort()}`;
  pages.set(name, `http://${address}`);
  return cluster.node(name, "--listen-metrics", address, ...words);
}

beforeAll(async () => {
  const first = await node("m1", "--listen-debug", debug);
  first.start();
  const { joinTokens } = await cluster.authority();
  for (const [name, role] of [
    ["m2", "manager"],
    ["m3", "manager"],
    ["w1", "worker"],
  ] as const) {
    const joining = ["--join-addr", first.address, "--join-token", joinTokens[role]];
    (await node(name, ...joining)).start();
  }
  await cluster.ready(4);
});
afterAll(() => cluster.stop());

function named(name: string): RealNode {
  return cluster.nodes.find((each) => each.name === name) as RealNode;
}

/** Status and text of a page; null while nobody answers. */
async function page(name: string, path: string): Promise<string | null> {
  try {
    const response = await fetch(`${pages.get(name)}${path}`);
    return `${response.status} ${(await response.text()).trim()}`;
  } catch {
    return null;
  }
}

async function says(name: string, path: string, words: string): Promise<void> {
  await until(`${path} of ${name} that says ${words}`, async () => {
    return (await page(name, path))?.includes(words) === true || null;
  });
}

test("nodes that take part are healthy and ready, managers and workers", async () => {
  for (const name of pages.keys()) {
    await says(name, "/readyz", "200 ok");
    expect(await page(name, "/healthz")).toBe("200 ok");
  }
});

test("the image's check of its health asks the page, and fails where nobody answers", async () => {
  const file = readFileSync(new URL("../../deploy/Dockerfile", import.meta.url), "utf8");
  const [, words = "", port = ""] = /CMD (\[.*127\.0\.0\.1\/(\d+).*\])/.exec(file) ?? [];
  expect(file).toContain(`"--listen-metrics", "127.0.0.1:${port}"`);
  const checked = (at: string) => {
    const [command = "", ...args] = JSON.parse(words.replace(port, at)) as string[];
    return promisify(execFile)(command, args);
  };
  await checked(new URL(pages.get("m1") ?? "").port);
  await expect(checked(String(await freePort()))).rejects.toThrow("Connection refused");
});

test("a running node has every metric that the dashboard shows", async () => {
  const board = readFileSync(new URL("../../deploy/grafana.json", import.meta.url), "utf8");
  const shown = new Set(board.match(/\b(swarm|nodejs|process)_[a-z0-9_]+/g));
  const metrics = (await page("m1", "/metrics")) ?? "";
  const known = new Set([...metrics.matchAll(/^# TYPE (\S+)/gm)].map(([, name]) => name));
  expect(shown.size).toBeGreaterThan(10);
  expect([...shown].filter((name) => !known.has(name))).toEqual([]);
});

test("profiles of a node come from a socket that only its user can open", async () => {
  expect(statSync(debug).mode & 0o777).toBe(0o600);
  const profile = await debugPage("/debug/pprof/profile?seconds=0.2");
  expect(JSON.parse(profile.text)).toMatchObject({ nodes: expect.any(Array) });
  expect((await debugPage("/debug/pprof/profile?seconds=x")).status).toBe(400);
  expect((await debugPage("//")).status).toBe(404);
  const heap = await debugPage("/debug/pprof/heap");
  expect(heap.text.slice(0, 20)).toContain("snapshot");
});

async function debugPage(path: string): Promise<{ status: number | undefined; text: string }> {
  const asked = get({ socketPath: debug, path });
  const [response] = (await once(asked, "response")) as [IncomingMessage];
  return { status: response.statusCode, text: await text(response) };
}

test("a node that can't reach whom it is to join is healthy and not ready", async () => {
  const token = `SWMTKN-1-${"0".repeat(50)}-${"0".repeat(25)}`;
  const joining = ["--join-addr", `127.0.0.1:${await freePort()}`, "--join-token", token];
  const lost = await node("lost", ...joining);
  lost.start();
  await says("lost", "/readyz", "503 the node is not up");
  expect(await page("lost", "/healthz")).toBe("200 ok");
  expect(await page("lost", "/metrics")).toContain("process_cpu_seconds_total");
  expect(await lost.end("SIGTERM")).toBe(0);
  expect(await page("lost", "/healthz")).toBeNull();
});

test("a first SIGTERM lets clients hear of it, a second one ends the node at once", async () => {
  const m3 = named("m3");
  const client = m3.newClient();
  let hear: (words: string) => void = () => undefined;
  const heard = new Promise<string>((resolve) => {
    hear = resolve;
  });
  await new Promise<void>((opened) => {
    const ended = (error: Error | null) => hear(error?.message ?? "nothing");
    client.watch({ tables: [] }, () => undefined, ended, opened);
  });
  // A call that never says what it wants: the node waits for it in vain.
  const session = connect("http://localhost", { createConnection: () => toSocket(m3.socket) });
  session.on("error", () => undefined);
  const call = session.request({
    ":method": "POST",
    ":path": "/simswarm.v1.Control/Send",
    "content-type": "application/grpc",
    te: "trailers",
  });
  call.on("error", () => undefined);
  // Its answer to a ping comes after it has taken the call; a ping before is not sent at all.
  await once(session, "connect");
  await new Promise((resolve) => session.ping(resolve));
  const ended = m3.end("SIGTERM");
  await until("the first signal's answer", async () => m3.log.includes('"stopping"') || null);
  expect(await heard).toContain("the node stops");
  client.close();
  m3.signal("SIGTERM");
  expect(await ended).toBe(1);
  session.destroy();
  m3.start();
  await cluster.ready(4);
});

test("without a quorum a manager is not ready; forced, it goes on alone", async () => {
  const spec = serviceSpec("web", "any", 2);
  const container = { ...spec.task.container, command: ["sleep", "1000"] };
  const task = { ...spec.task, container };
  await cluster.first.client.command({ kind: "create-service", spec: { ...spec, task } });
  await cluster.running("web", 2);
  await Promise.all([named("m2").end("SIGKILL"), named("m3").end("SIGKILL")]);
  await says("m1", "/readyz", "503 no leader is known");
  expect(await page("m1", "/healthz")).toBe("200 ok");
  await named("m1").end("SIGKILL");
  named("m1").start("--force-new-cluster");
  const { client } = cluster.first;
  await until("the service", async () => {
    const [web] = await client.query({ kind: "get-service", name: "web" });
    return web ?? null;
  });
  await says("m1", "/readyz", "200 ok");
  await says("w1", "/readyz", "200 ok");
  const managers = (await cluster.listed()).filter(({ role }) => role === "manager");
  expect(managers.map(({ description }) => description.hostname)).toEqual(["m1"]);
  named("m2").start();
  await until("a lost manager that comes back as a worker", async () => {
    const m2 = (await cluster.listed()).find((each) => each.description.hostname === "m2");
    return (m2?.role === "worker" && m2.status.state === "ready") || null;
  });
  await cluster.join("w2", "worker");
  await until("a machine that joins the new cluster", async () => {
    const w2 = (await cluster.listed()).find((each) => each.description.hostname === "w2");
    return w2?.status.state === "ready" || null;
  });
  await cluster.running("web", 2);
});

test("who is to join by a worker hears so, and is in as soon as that is a manager", async () => {
  const w3 = await cluster.join("w3", "worker", "--join-addr", named("w1").address);
  const said = "it is a worker, which lets nobody in: name the address of a manager";
  await until("its word", async () => w3.log.includes(said) || null);
  const w1 = (await cluster.listed()).find(({ id }) => id === named("w1").id);
  if (w1 === undefined) throw new Error("w1 is in the cluster");
  const promoted = (desiredRole: "manager" | "worker") => async () => {
    const [{ meta, spec } = w1] = await cluster.first.client.query({ kind: "get-node", id: w1.id });
    const update = { kind: "update-node", id: w1.id, version: meta.version } as const;
    await cluster.first.client.command({ ...update, spec: { ...spec, desiredRole } });
    return true;
  };
  await until("the promotion", promoted("manager"));
  await until("w3", async () => {
    const found = (await cluster.listed()).find((each) => each.description.hostname === "w3");
    return found?.status.state === "ready" || null;
  });
  await cluster.hasVote(named("w1"));
  await until("the demotion", promoted("worker"));
  await until("w1, a worker again", async () => {
    const found = (await cluster.listed()).find(({ id }) => id === w1.id);
    return found?.role === "worker" || null;
  });
});

test("a worker that is told to go on alone says that it can't, and is a worker", async () => {
  const w1 = named("w1");
  await w1.end("SIGKILL");
  w1.start("--force-new-cluster");
  await until(
    "its word",
    async () => w1.log.includes("it is a worker, and only a manager") || null,
  );
  await until("its session", async () => {
    const listed = (await cluster.listed()).find(({ id }) => id === w1.id);
    return (listed?.role === "worker" && listed.status.state === "ready") || null;
  });
});
