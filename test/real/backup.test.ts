import { execFileSync } from "node:child_process";
import { existsSync, lstatSync, readFileSync, statSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { freePort } from "../../real/daemon/dev.ts";
import { processSleeper } from "../support/process-sleeper.ts";
import { pathOf, ran } from "../support/programs.ts";
import { RealCluster, RealNode, until } from "../support/real-cluster.ts";

// Goal: a cluster that was lost with all its managers is there again from one file, and nobody
// takes part in a cluster that lives with what an old file says.
// Method: two managers and a worker as processes; the commands of the programs themselves.

const cluster = new RealCluster();
const file = join(cluster.folder, "backup");

beforeAll(async () => {
  await cluster.start(2, 1);
  const spec = processSleeper("web", 3);
  await cluster.first.client.command({ kind: "create-service", spec });
  await cluster.running("web", 3);
});
afterAll(() => cluster.stop());

/** A node in a folder of its own, not started. */
function another(name: string, address: string): RealNode {
  const node = new RealNode(name, cluster.folder, address, []);
  cluster.nodes.push(node);
  return node;
}

test("a running manager is backed up into a file that only its user can read", async () => {
  const words = ["-s", cluster.first.socket, "cluster", "backup", file];
  expect(await ran("swarmctl", words)).toMatchObject({ code: 0, out: `${file}\n` });
  expect(statSync(file).mode & 0o777).toBe(0o600);
  const worker = cluster.nodes[2] as RealNode;
  const refused = await ran("swarmctl", ["-s", worker.socket, "cluster", "backup", file]);
  expect(refused.code).toBe(1);
  expect(refused.err).toContain("this node is no manager");
});

test("a backup takes the place of an older one, and of nothing else", async () => {
  const backup = (path: string) =>
    ran("swarmctl", ["-s", cluster.first.socket, "cluster", "backup", path]);
  const before = statSync(file).ino;
  const elsewhere = join(cluster.folder, "elsewhere");
  writeFileSync(elsewhere, "kept", { mode: 0o666 });
  symlinkSync(elsewhere, `${file}.new`);
  expect((await backup(file)).code).toBe(0);
  expect(statSync(file).ino).not.toBe(before);
  expect(lstatSync(file)).toMatchObject({ mode: 0o100600 });
  expect(readFileSync(elsewhere, "utf8")).toBe("kept");
  const pipe = join(cluster.folder, "pipe");
  execFileSync("mkfifo", [pipe]);
  for (const path of [pipe, cluster.folder]) {
    const { code, err } = await backup(path);
    expect({ code, err }).toEqual({ code: 1, err: expect.stringContaining(`can't write ${path}`) });
  }
  expect(statSync(pipe).isFIFO()).toBe(true);
  expect(existsSync(`${cluster.folder}.new`)).toBe(false);
});

test("a backup goes to standard output where it is told so, byte for byte", async () => {
  const words = ["-s", cluster.first.socket, "cluster", "backup", "-"];
  const piped = join(cluster.folder, "piped");
  writeFileSync(piped, execFileSync(pathOf("swarmctl"), words, { maxBuffer: 2 ** 30 }));
  expect(existsSync("-")).toBe(false);
  const dir = join(cluster.folder, "of-a-pipe");
  expect((await ran("swarmd", ["restore", piped, "-d", dir])).code).toBe(0);
});

test("what is no backup, and a folder that is in use, are refused", async () => {
  const other = join(cluster.folder, "other");
  writeFileSync(`${file}.no`, "nothing of ours");
  const none = await ran("swarmd", ["restore", `${file}.no`, "-d", other]);
  expect(none.code).toBe(1);
  expect(none.err).toContain("this file is no backup");
  const bytes = readFileSync(file);
  const middle = bytes.length >> 1;
  for (const damaged of [
    bytes.subarray(0, -1),
    bytes.subarray(0, 100),
    bytes.map((byte, at) => (at === middle ? byte ^ 1 : byte)),
  ]) {
    writeFileSync(`${file}.no`, damaged);
    const { code, err } = await ran("swarmd", ["restore", `${file}.no`, "-d", other]);
    expect({ code, err }).toEqual({ code: 1, err: expect.stringContaining("damaged or cut off") });
    expect(existsSync(other)).toBe(false);
  }
  const used = await ran("swarmd", ["restore", file, "-d", cluster.first.folder]);
  expect(used.err).toContain("is a node's already");
});

test("a backup that an older version has made is restored with all that it holds", async () => {
  const older = join(cluster.folder, "older");
  const text = readFileSync(new URL("./older-backup.txt", import.meta.url), "utf8");
  writeFileSync(`${file}.older`, Buffer.from(text, "base64"));
  const made = await ran("swarmd", ["restore", `${file}.older`, "-d", older]);
  expect(made).toMatchObject({ code: 0, err: "" });
  const words = ["debug", "dump-object", "service", "-d", older, "--format", "json"];
  const services = JSON.parse((await ran("swarmd", words)).out);
  expect(services).toMatchObject([{ kind: "service", spec: { name: "web" } }]);
});

test("a manager made of a backup takes no part while the cluster lives", async () => {
  await cluster.first.end("SIGKILL");
  const early = another("early", cluster.first.address);
  expect((await ran("swarmd", ["restore", file, "-d", early.folder])).code).toBe(0);
  early.start();
  expect(await early.exited()).toBe(1);
  expect(early.log).toContain("this manager does not form a new cluster");
});

test("a cluster that is lost is there again at another address, with one command", async () => {
  await (cluster.nodes[1] as RealNode).end("SIGKILL");
  const restored = another("restored", `127.0.0.1:${await freePort()}`);
  const made = await ran("swarmd", ["restore", file, "-d", restored.folder]);
  expect(made.out).toContain("it goes on alone");
  restored.start();
  const { client } = restored;
  await until("the service", async () => {
    const [web] = await client.query({ kind: "get-service", name: "web" });
    return web ?? null;
  });
  await until("the manager and the worker", async () => {
    const nodes = await cluster.listed(client);
    const ready = nodes.filter(({ status }) => status.state === "ready");
    return ready.length === 2 || null;
  });
  await cluster.running("web", 3, client);
  await restored.end("SIGKILL");
  restored.start();
  await until("the manager again", async () => (await cluster.listed(client)).length > 0 || null);
  expect(restored.log.match(/goes on alone/g)).toHaveLength(1);
});

test("what a stopped node keeps is shown, decrypted, and without secrets when asked", async () => {
  const restored = cluster.nodes.at(-1) as RealNode;
  const spec = { name: "key", data: "c2VjcmV0IQ==", labels: new Map<string, string>() };
  await restored.client.command({ kind: "create-secret", spec });
  const busy = await ran("swarmd", ["debug", "dump-wal", "-d", restored.folder]);
  expect(busy).toMatchObject({ code: 1, out: "" });
  expect(busy.err).toContain("is in use by process");
  await restored.end("SIGTERM");
  const shown = async (...words: string[]) => {
    const said = await ran("swarmd", ["debug", ...words, "-d", restored.folder]);
    expect(said).toMatchObject({ code: 0, err: "" });
    return said.out;
  };
  expect(await shown("dump-wal")).toContain("data: c2VjcmV0IQ==");
  const wal = await shown("dump-wal", "--redact");
  expect(wal).toContain("kind: secret");
  expect(wal).not.toContain("c2VjcmV0IQ==");
  const services = JSON.parse(await shown("dump-object", "service", "--format", "json"));
  expect(services).toMatchObject([{ kind: "service", spec: { name: "web" } }]);
  const snapshot = JSON.parse(await shown("dump-snapshot", "--format", "json", "--redact"));
  expect(snapshot.membership.voters).toHaveLength(1);
  expect(JSON.stringify(snapshot)).toContain('"kind":"cluster"');
  expect(JSON.stringify(snapshot)).not.toContain("PRIVATE KEY");
});
