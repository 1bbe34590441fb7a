import { type ChildProcess, spawn } from "node:child_process";
import { openSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { removeTasks } from "../../real/daemon/remove-tasks.ts";
import { StateDir } from "../../real/daemon/state-dir.ts";
import { RealCluster, type RealNode } from "../support/real-cluster.ts";

const managers = 3;
/** A process for each worker would take more memory than most machines have. */
const workersOfProcess = 50;
const ticksOfSecond = 100;
/** The bundle that this is part of: with this word it is workers. */
const program = fileURLToPath(import.meta.url);
export const asWorkers = "workers";

/** Three managers, a process each, and very many workers, all with plain processes for tasks. */
export class Crowd {
  readonly cluster = new RealCluster();
  readonly #workers: number;
  readonly #processes: ChildProcess[] = [];

  constructor(workers: number) {
    this.#workers = workers;
  }

  /** All nodes there are. */
  get size(): number {
    return managers + this.#workers;
  }

  async startManagers(): Promise<void> {
    await this.cluster.start(managers, 0);
  }

  async joinWorkers(): Promise<void> {
    const { joinTokens } = await this.cluster.authority();
    const { folder, first } = this.cluster;
    const env = { ...process.env, SWARM_JOIN_TOKEN: joinTokens.worker };
    for (let number = 1; number <= this.#workers; number += workersOfProcess) {
      const count = Math.min(workersOfProcess, this.#workers - number + 1);
      const log = openSync(join(folder, `workers-${number}.log`), "a");
      const args = [program, asWorkers, folder, String(number), String(count), first.address];
      this.#processes.push(spawn(process.execPath, args, { env, stdio: ["ignore", log, log] }));
    }
    await this.cluster.ready(this.size);
  }

  /** The manager that leads, then the others. */
  async managers(): Promise<readonly [RealNode, RealNode, ...RealNode[]]> {
    const listed = await this.cluster.listed();
    const leader = listed.find(({ managerStatus }) => managerStatus?.leader === true)?.id;
    const [first, second, ...more] = [...this.cluster.nodes].sort(
      (left, right) => Number(right.id === leader) - Number(left.id === leader),
    );
    if (first === undefined || second === undefined) throw new Error("there are three managers");
    return [first, second, ...more];
  }

  async stop(): Promise<void> {
    await Promise.all(this.#processes.map((each) => killed(each)));
    for (let number = 1; number <= this.#workers; number += 1) {
      await removeTasks(new StateDir(join(this.cluster.folder, `w${number}`)));
    }
    await this.cluster.stop();
  }
}

/** The processor that a process takes, in hundredths of a core, over so many seconds. */
export async function shareOf({ pid }: RealNode, seconds: number): Promise<number> {
  const before = secondsOf(pid);
  await pause(seconds * 1_000);
  return (100 * (secondsOf(pid) - before)) / seconds;
}

/** Its resident memory, in MB. */
export function memoryOf({ pid }: RealNode): number {
  const [, kilobytes] = /VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, "utf8")) ?? [];
  return Number(kilobytes) / 1_000;
}

/** User and system, since it began. */
function secondsOf(pid: number): number {
  const fields = readFileSync(`/proc/${pid}/stat`, "utf8").split(") ")[1]?.split(" ") ?? [];
  return (Number(fields[11]) + Number(fields[12])) / ticksOfSecond;
}

function killed(child: ChildProcess): Promise<void> {
  return new Promise((resolve) => {
    if (child.exitCode !== null || child.signalCode !== null) return resolve();
    child.once("exit", () => resolve());
    child.kill("SIGKILL");
  });
}
