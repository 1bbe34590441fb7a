import { spawn } from "node:child_process";
import { availableParallelism } from "node:os";
import { setTimeout as pause } from "node:timers/promises";
import type { OurFleet } from "./fleets.ts";
import { workerNames } from "./fleets.ts";
import { waitFor } from "./wait.ts";

const replicas = 10;
const lookEveryMs = 1_000;

/** What a cluster mistook for a failure while its machine had too much to do. */
export interface FalseAlarms {
  readonly nodesDown: number;
  readonly tasksReplaced: number;
  /** No task is replaced for that, but no write is accepted meanwhile. */
  readonly leaderChanges: number;
}

/** Keeps all cores busy for so long, twice over, and watches what the cluster makes of it. */
export async function falseAlarms(fleet: OurFleet, seconds: number): Promise<FalseAlarms> {
  const { cluster } = fleet;
  const contender = fleet.at("m1");
  await contender.create("calm", replicas);
  await waitFor(async () => (await contender.running("calm", "1")).length === replicas);
  const before = new Set((await contender.running("calm", "1")).map(({ id }) => id));
  const busy = Array.from({ length: 2 * availableParallelism() }, () =>
    spawn(process.execPath, ["-e", "for (;;);"], { stdio: "ignore" }),
  );
  let nodesDown = 0;
  const marks = cluster.nodes.map(({ log }) => log.length);
  try {
    for (const end = Date.now() + seconds * 1_000; Date.now() < end; await pause(lookEveryMs)) {
      const nodes = await cluster.listed().catch(() => []);
      nodesDown += nodes.filter(({ status }) => status.state === "down").length;
    }
  } finally {
    for (const each of busy) each.kill("SIGKILL");
  }
  const after = (await contender.running("calm", "1")).map(({ id }) => id);
  const managers = cluster.nodes.slice(0, -workerNames.length);
  const elected = managers.map(({ log }, at) => {
    return log.slice(marks[at]).match(/"msg":"manager-started"/g)?.length ?? 0;
  });
  return {
    nodesDown,
    tasksReplaced: replicas - after.filter((id) => before.has(id)).length,
    leaderChanges: elected.reduce((sum, each) => sum + each, 0),
  };
}
