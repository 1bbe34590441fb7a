import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pino } from "pino";
import { afterAll, expect, test } from "vitest";
import { openEngine } from "../../../real/daemon/open-engine.ts";
import { removeTasks } from "../../../real/daemon/remove-tasks.ts";
import { newState, StateDir } from "../../../real/daemon/state-dir.ts";
import { RealRig } from "../../ports/real-rig.ts";
import { dockerEngine, isThere, testImage } from "../../support/docker.ts";
import { newOverlays } from "../../support/node-overlays.ts";
import { type Running, ran, running } from "../../support/programs.ts";
import { until } from "../../support/real-cluster.ts";

// Goal: one command starts a whole cluster, says how to talk to it, and leaves nothing behind.
// Method: the program itself, in a folder for temporary files of its own.

const folder = mkdtempSync(join(tmpdir(), "dev-test-"));
/** Nothing else on this machine sleeps so long. */
const span = `${process.pid}.4711`;

afterAll(() => rmSync(folder, { recursive: true, force: true }));

function start(words: readonly string[], within = folder): Running {
  return running("swarmd", ["dev", ...words], { TMPDIR: within });
}

/** Processes of this machine that have this word on their command line. */
function processesWith(word: string): string[] {
  return readdirSync("/proc").filter((pid) => {
    if (!/^\d+$/.test(pid)) return false;
    try {
      return readFileSync(`/proc/${pid}/cmdline`, "utf8").includes(word);
    } catch {
      return false;
    }
  });
}

test("a cluster of processes runs what it is given, and goes with the terminal", async () => {
  const started = start(["--managers", "1", "--workers", "1"]);
  const greeting = await until("the greeting", async () => {
    return started.out.includes("Ctrl-C stops everything") ? started.out : null;
  });
  expect(greeting).toContain("all nodes are ready");
  const socket = /SWARM_SOCKET=(\S+)/.exec(greeting)?.[1] ?? "";
  const swarmctl = (...words: string[]) => ran("swarmctl", ["--socket", socket, ...words]);
  const create = ["service", "create", "--name", "web", "--image", "any", "--replicas", "2"];
  const made = await swarmctl(...create, "--command", "sleep", "--args", span, "--wait");
  expect(made).toMatchObject({ code: 0, err: "" });
  expect((await swarmctl("node", "ls")).out).toContain("worker-1");
  const token = (await swarmctl("cluster", "join-token", "worker")).out.match(/SWMTKN\S+/)?.[0];
  expect(token && processesWith(token), "who lists processes learns no token").toEqual([]);
  expect(processesWith(span).length).toBeGreaterThanOrEqual(2);
  started.child.kill("SIGHUP");
  expect(await started.ended).toBe(0);
  expect(processesWith(span)).toEqual([]);
  expect(processesWith(folder)).toEqual([]);
  expect(readdirSync(folder)).toEqual([]);
});

test("one that is killed leaves its nodes, and the next one removes them", async () => {
  const killed = start(["--managers", "1", "--workers", "0"]);
  await until("a node", async () => killed.out.includes("manager-1 is up") || null);
  killed.child.kill("SIGKILL");
  await killed.ended;
  const [left = ""] = readdirSync(folder);
  expect(processesWith(join(folder, left))).not.toEqual([]);
  const next = start(["--managers", "1", "--workers", "0"]);
  await until("its nodes", async () => next.out.includes("manager-1 is up") || null);
  expect(next.out).toContain(`removing a cluster whose 'swarmd dev' was killed: ${folder}/${left}`);
  expect(readdirSync(folder)).toHaveLength(1);
  expect(processesWith(join(folder, left))).toEqual([]);
  next.child.kill("SIGTERM");
  await next.ended;
});

test("when nobody reads any more what it says, it leaves nothing either", async () => {
  const { child, ended } = start(["--managers", "1", "--workers", "0"]);
  child.stdout?.destroy();
  await ended;
  expect(processesWith(folder)).toEqual([]);
  expect(readdirSync(folder)).toEqual([]);
});

test("what its nodes have run on a Docker engine goes with it", async () => {
  const address = await dockerEngine();
  const own = join(folder, "on-docker");
  const dir = new StateDir(own);
  const state = { ...newState(null, null), engine: address };
  dir.write(state);
  const log = pino({ level: "silent" });
  const engine = openEngine({ executor: "auto" }, dir, state, newOverlays(), log);
  const rig = await RealRig.start(() => engine, { image: testImage });
  const task = await rig.running("left");
  await rig.close();
  expect(await isThere(address, task)).toBe(true);
  await removeTasks(dir);
  expect(await isThere(address, task)).toBe(false);
  rmSync(own, { recursive: true });
});

test("the logs of a cluster that does not come up are where it says", async () => {
  const own = join(folder, "failing");
  mkdirSync(own);
  const { child, ended } = start(["--managers", "1", "--workers", "0"], own);
  let err = "";
  child.stderr?.on("data", (bytes) => {
    err += bytes;
  });
  const [pid] = await until("a node", async () => {
    const found = processesWith(own);
    return found.length > 0 ? found : null;
  });
  process.kill(Number(pid), "SIGKILL");
  expect(await ended).toBe(1);
  const [, log = ""] = /^swarmd: manager-1 has ended: see (\S+)$/m.exec(err) ?? [];
  expect(existsSync(log)).toBe(true);
  expect(processesWith(own)).toEqual([]);
});

test.each([
  [["--managers", "0"], "argument '0' is invalid. Write a number from 1 to 50."],
  [["--workers", "x"], "'x' is no count"],
  [["--state-dir", "/tmp"], "unknown option '--state-dir'"],
])("%j is refused", async (words, reason) => {
  const { code, err } = await ran("swarmd", ["dev", ...words]);
  expect({ code, err }).toEqual({ code: 1, err: expect.stringContaining(reason) });
});
