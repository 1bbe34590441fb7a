import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import type Docker from "dockerode";
import type { Task } from "../../core/model/task.ts";
import { connect } from "../../real/docker/client.ts";
import { note, notes, runFolder } from "./run-folder.ts";

/** An image with busybox in it, which every engine of the tests has. */
export const testImage = "simswarm-test:1";

/** For an engine to start, or to stop, on a machine that has much else to do. */
const patienceMs = 120_000;

const script = fileURLToPath(new URL("../../.ci/docker", import.meta.url));

/**
 * The address of a Docker engine: one for all tests of a run, started by the first that asks (see
 * `.ci/docker`) and stopped by `stopDocker` when the run ends.
 */
export async function dockerEngine(): Promise<string> {
  const folder = runFolder();
  const address = join(folder, "address");
  if (isFirst(folder)) {
    const { status, stdout, stderr } = run("start", join(folder, "engine"));
    writeFileSync(`${address}.new`, status === 0 ? stdout.trim() : "");
    spawnSync("mv", [`${address}.new`, address]);
    if (status !== 0) throw new Error(stderr);
  }
  while (!existsSync(address)) await delay(50);
  const found = readFileSync(address, "utf8");
  if (found === "") throw new Error("the Docker engine for the tests could not be started");
  return found;
}

/** An engine that nobody else uses, begun by way of `enter`; `stop` ends it. */
export function ownEngine(folder: string, enter: readonly string[] = []) {
  const [command = "", ...args] = [...enter, script, "own", folder];
  const options = { encoding: "utf8", timeout: patienceMs } as const;
  note("own-engines", folder);
  const { status, stdout, stderr } = spawnSync(command, args, options);
  if (status !== 0) throw new Error(`no engine in ${folder}: ${stderr}`);
  const pid = () => Number(readFileSync(join(folder, "pid"), "utf8"));
  const stop = () => {
    if (spawnSync(script, ["stop", folder], options).status === 0) return;
    // It answers nobody, as a swarm's manager without a quorum does: it ends by itself.
    process.kill(pid(), "SIGTERM");
    spawnSync(script, ["stop", folder], options);
  };
  return { address: stdout.trim(), pid, stop };
}

/** The container of a task, as the engine at this address names it. */
export function containerOf(address: string, { name, id }: Task): Docker.Container {
  return connect(address).getContainer(`${name}.${id}`);
}

/** Whether the engine has the task's container, be it on its way out. */
export function isThere(address: string, task: Task): Promise<boolean> {
  return containerOf(address, task)
    .inspect()
    .then(
      () => true,
      () => false,
    );
}

/** Somebody else may be about to remove it: a daemon's last request outlives the daemon. */
async function removed(container: Docker.Container): Promise<void> {
  for (;;) {
    try {
      await container.remove({ force: true, v: true });
    } catch (error) {
      const { statusCode } = error as { statusCode?: number };
      if (statusCode === 404) return;
      if (statusCode !== 409) throw error;
    }
    await delay(50);
  }
}

/** Removes what this node has on the engine: containers, running or not, and networks. */
export async function removeContainers(address: string, nodeId: string): Promise<void> {
  const docker = connect(address);
  const filters = { label: [`com.docker.swarm.node.id=${nodeId}`] };
  const found = await docker.listContainers({ all: true, filters });
  await Promise.all(found.map(({ Id }) => removed(docker.getContainer(Id))));
  const networks = await docker.listNetworks({ filters });
  // Another node's containers may be in it: then it goes with that one.
  await Promise.allSettled(networks.map(({ Id }) => docker.getNetwork(Id).remove()));
}

/** Stops the engines that were started in this run and still run. */
export function stopDocker(): void {
  for (const each of [join(runFolder(), "engine"), ...notes("own-engines")]) run("stop", each);
}

function run(command: "start" | "stop", folder: string) {
  return spawnSync(script, [command, folder], { encoding: "utf8" });
}

/** Whoever makes the folder starts the engine. */
function isFirst(folder: string): boolean {
  try {
    mkdirSync(join(folder, "asked"));
    return true;
  } catch {
    return false;
  }
}
