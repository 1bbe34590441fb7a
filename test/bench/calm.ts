import { type ChildProcess, spawn } from "node:child_process";
import { availableParallelism } from "node:os";
import { setTimeout as pause } from "node:timers/promises";
import type { OurFleet } from "./fleets.ts";
import { managerNames } from "./fleets.ts";
import { inTime, waitFor } from "./wait.ts";

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
  await fleet.start();
  const contender = fleet.at("m1");
  const running = async () => (await contender.running("calm", "1")).map(({ id }) => id);
  await inTime("a service created", contender.create("calm", replicas));
  await waitFor("tasks that run", async () => (await running()).length === replicas);
  const before = new Set(await running());
  const managers = cluster.nodes.slice(0, managerNames.length);
  const marks = managers.map(({ log }) => log.length);
  const busy = Array.from({ length: 2 * availableParallelism() }, spin);
  const down = new Set<string>();
  try {
    for (const end = Date.now() + seconds * 1_000; Date.now() < end; await pause(lookEveryMs)) {
      const nodes = await cluster.listed().catch(() => []);
      for (const { id, status } of nodes) if (status.state === "down") down.add(id);
    }
  } finally {
    for (const each of busy) each.kill("SIGKILL");
  }
  const elected = managers.map(({ log }, at) => {
    return log.slice(marks[at]).match(/"msg":"manager-started"/g)?.length ?? 0;
  });
  const after = await inTime("the tasks that run", running());
  return {
    nodesDown: down.size,
    tasksReplaced: replicas - after.filter((id) => before.has(id)).length,
    leaderChanges: elected.reduce((sum, each) => sum + each, 0),
  };
}

/** Ends with this program, however that ends. */
function spin(): ChildProcess {
  const program = 'process.stdin.resume().on("end", () => process.exit())';
  const forever = "const spin = () => { for (let n = 0; n < 1e8; n += 1); setImmediate(spin); };";
  return spawn(process.execPath, ["-e", `${program}; ${forever} spin();`], {
    stdio: ["pipe", "ignore", "ignore"],
  });
}
