import { spawnSync } from "node:child_process";
import { cpSync, existsSync, mkdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join, relative } from "node:path";
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import { StateDir } from "../../real/daemon/state-dir.ts";
import { ran } from "../support/programs.ts";
import { RealCluster, RealNode, until } from "../support/real-cluster.ts";

// Goal: swarmd starts only with a state directory that is its own, and says what is wrong with any
// other; a disk that is full ends it loudly and costs nothing that it has acknowledged.
// Method: one node that runs all the while, and copies of what another one has left.

const cluster = new RealCluster();
const isRoot = process.getuid?.() === 0;
let disk: string | null = null;
let running: RealNode;
let stopped: RealNode;

beforeAll(async () => {
  [running, stopped] = await Promise.all([founded("running"), founded("stopped")]);
  await until("both certificates", async () => {
    const lines = [running, stopped].map(({ log }) => log.includes("a new certificate"));
    return !lines.includes(false) || null;
  });
  await stopped.end("SIGTERM");
});
afterEach(async () => {
  const others = cluster.nodes.filter((node) => node !== running);
  await Promise.all(others.map((node) => node.end("SIGKILL")));
  if (disk !== null) spawnSync("umount", ["-l", disk]);
  disk = null;
});
afterAll(() => cluster.stop());

async function founded(name: string): Promise<RealNode> {
  const node = await cluster.node(name);
  node.start();
  await cluster.authority(node.client);
  return node;
}

/** A node with a copy of the state directory of the one that has stopped. */
async function copied(name: string): Promise<RealNode> {
  const node = await cluster.node(name);
  cpSync(stopped.folder, node.folder, { recursive: true });
  return node;
}

/** What a node that ends with an error has said last. */
async function complaint(node: RealNode, ...more: string[]): Promise<string> {
  node.start(...more);
  expect(await node.exited()).toBe(1);
  const isSaid = (line: string) => line.startsWith("swarmd: ");
  return node.log.split("\n").filter(isSaid).at(-1) ?? "";
}

test("a node goes on with what has run its tasks, and takes nothing else for it", async () => {
  expect(new StateDir(stopped.folder).read()?.engine).toBe("process");
  const moved = await copied("moved");
  const file = join(moved.folder, "state.json");
  const engine = "unix:///no/such/docker.sock";
  writeFileSync(file, JSON.stringify({ ...JSON.parse(readFileSync(file, "utf8")), engine }));
  const said = await complaint(moved, "--executor", "auto");
  expect(said).toContain(`the container engine ${engine} does not answer`);
});

test("a state directory in use is refused, with the process that has it", async () => {
  const other = new RealNode("running", cluster.folder, "127.0.0.1:0", [
    ...["--listen-control-api", join(cluster.folder, "other.sock")],
  ]);
  cluster.nodes.push(other);
  expect(await complaint(other)).toMatch(/is in use by process \d+: stop it first/);
  expect((await cluster.listed(running.client)).length).toBe(1);
});

test("a control socket on which another node answers is left to it", async () => {
  const { socket, client } = running;
  const other = await cluster.node("second", "--listen-control-api", socket);
  expect(await complaint(other)).toContain(`${socket}: another program listens there`);
  expect((await cluster.listed(client)).length).toBe(1);
});

test("a file in the place of the control socket is not removed", async () => {
  const node = await cluster.node("filed");
  writeFileSync(node.socket, "precious");
  expect(await complaint(node)).toContain(`${node.socket}: there is a file of that name`);
  expect(readFileSync(node.socket, "utf8")).toBe("precious");
});

test("what a node keeps and where it listens is its user's alone", () => {
  const { path, certificates, store } = new StateDir(running.folder);
  const files = [join(path, "state.json"), join(store, "keys.json"), running.socket];
  const all = [path, certificates, store, join(certificates, "swarm-node.pem"), ...files];
  const open = all.filter((each) => (statSync(each).mode & 0o066) !== 0);
  expect(open).toEqual([]);
});

test("a state directory of a cluster of its own joins no other", async () => {
  const { joinTokens } = await cluster.authority(running.client);
  const joining = ["--join-addr", running.address, "--join-token", joinTokens.worker];
  const said = await complaint(await copied("own"), ...joining);
  expect(said).toContain("is of a node that has founded its own cluster");
});

test.each([
  ["/proc/nowhere", "/proc/nowhere"],
  ["/dev/null/below", "/dev/null"],
])("%s can't be a state directory", async (path, wrong) => {
  const node = await cluster.node("nowhere");
  const said = await complaint(node, "--state-dir", path);
  expect(await complaint(node, "--state-dir", path, "--standby")).toBe(said);
  expect(said).toContain(`can't make the folder ${wrong}: `);
});

test("where no node is there is none to go on alone, and no cluster is founded", async () => {
  const node = await cluster.node("nobody");
  const said = await complaint(node, "--force-new-cluster");
  expect(said).toContain(`there is no node in ${node.folder} to go on alone: name the folder of`);
  expect(await complaint(node, "--force-new-cluster", "--standby")).toBe(said);
  expect(existsSync(node.folder)).toBe(false);
});

test("a state directory may be named from where one is, and so may its socket", async () => {
  const node = await cluster.node("near");
  const near = relative(process.cwd(), node.folder);
  node.start("--state-dir", near, "--listen-control-api", `${near}.sock`);
  await cluster.authority(node.client);
  const create = ["service", "create", "--name", "web", "--image", "any", "--command", "sleep"];
  const words = ["-s", `${near}.sock`, ...create, "--args", "1000", "--wait"];
  expect(await ran("swarmctl", words)).toMatchObject({ code: 0, err: "" });
});

test("storage of another node is refused", async () => {
  const node = await copied("moved");
  const state = join(node.folder, "state.json");
  const { nodeId } = JSON.parse(readFileSync(state, "utf8"));
  writeFileSync(state, readFileSync(state, "utf8").replace(nodeId, "a".repeat(25)));
  expect(await complaint(node)).toContain(`is of node ${nodeId}, not of ${"a".repeat(25)}`);
});

test("certificates of another node are refused", async () => {
  const node = await copied("mixed");
  cpSync(join(running.folder, "certificates"), join(node.folder, "certificates"), {
    recursive: true,
  });
  expect(await complaint(node)).toContain(`is of node ${running.id}, not of ${node.id}`);
});

test.each([
  ["state.json", "written by a newer version of swarmd (format 99"],
  ["store/keys.json", "written by a newer version (format 99"],
])("a state directory whose %s is of a newer version is refused", async (file, words) => {
  const node = await copied(`newer-${file.length}`);
  const path = join(node.folder, file);
  const text = readFileSync(path, "utf8");
  writeFileSync(path, text.replace(/"version": \d+/, '"version": 99'));
  expect(await complaint(node)).toContain(words);
  writeFileSync(path, text);
});

test.runIf(isRoot)(
  "a full disk ends the node loudly, and nothing acknowledged is lost",
  async () => {
    disk = join(cluster.folder, "small");
    mkdirSync(disk);
    const mount = ["-t", "tmpfs", "-o", "size=8m", "none", disk];
    expect(spawnSync("mount", mount).status).toBe(0);
    const node = new RealNode("node", disk, stopped.address, [
      ...["--listen-control-api", join(cluster.folder, "small.sock")],
    ]);
    cluster.nodes.push(node);
    node.start();
    const client = node.clientAt(join(cluster.folder, "small.sock"));
    await cluster.authority(client);
    const acknowledged: string[] = [];
    const ended = node.exited();
    for (let isOver = false; !isOver; ) {
      const name = `config-${acknowledged.length}`;
      const data = "A".repeat(200_000);
      const spec = { name, data, labels: new Map<string, string>() };
      const created = client.command({ kind: "create-config", spec }).then(() => true);
      isOver = !(await Promise.race([created.catch(() => false), ended.then(() => false)]));
      if (!isOver) acknowledged.push(name);
    }
    expect(await ended).toBe(1);
    expect(node.log).toContain("the disk is full");
    expect(acknowledged.length).toBeGreaterThan(5);
    expect(spawnSync("mount", ["-o", "remount,size=64m", disk]).status).toBe(0);
    node.start();
    const found = await until("the configs", async () => {
      return await client.query({ kind: "list-configs" });
    });
    const names = new Set(found.map(({ spec }) => spec.name));
    expect(acknowledged.filter((name) => !names.has(name))).toEqual([]);
    client.close();
  },
);
