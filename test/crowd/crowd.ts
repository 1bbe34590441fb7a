import { setTimeout as pause } from "node:timers/promises";
import { parseArgs } from "node:util";
import { serviceSpec } from "../../core/model/service-defaults.ts";
import { timed } from "../bench/wait.ts";
import { countOf } from "../support/count-option.ts";
import { processSleeper } from "../support/process-sleeper.ts";
import { until } from "../support/real-cluster.ts";
import { asWorkers, Crowd, memoryOf, shareOf } from "./nodes.ts";
import { beWorkers } from "./workers.ts";

const usage = "usage: npm run crowd:real -- [--workers 150] [--tasks 2]";

const restSeconds = 15;
const lookEveryMs = 250;
/** For which nodes are watched after the leader was lost. */
const watchSeconds = 60;

function optionsOf(args: readonly string[]): { workers: number; tasks: number } {
  const { values } = parseArgs({
    args: [...args],
    options: {
      workers: { type: "string", default: "150" },
      tasks: { type: "string", default: "2" },
    },
  });
  return {
    workers: countOf({ name: "workers", most: 9_999, usage }, values.workers),
    tasks: countOf({ name: "tasks", most: 9_999, usage }, values.tasks),
  };
}

function tell(what: string, figure: number, unit: string): void {
  console.log(`${what.padEnd(60)} ${figure.toFixed(1).padStart(8)} ${unit}`);
}

/** What becomes of the others when the leader is killed: who was called down, what was replaced. */
async function loseLeader(crowd: Crowd): Promise<string | null> {
  const [leader, other] = await crowd.managers();
  const { client } = other;
  const listed = () => client.query({ kind: "list-tasks", service: null });
  const before = new Set((await listed()).map(({ id }) => id));
  const killedAt = performance.now();
  await leader.end("SIGKILL");
  let tries = 0;
  const write = () => {
    tries += 1;
    return client.command({ kind: "create-service", spec: serviceSpec(`late-${tries}`, "any", 0) });
  };
  tell("leader lost, until the next write", await timed(() => until("a write", write)), "s");
  const called = new Set<string>();
  let awayUntil = killedAt;
  for (; performance.now() - killedAt < watchSeconds * 1_000; await pause(lookEveryMs)) {
    for (const { id, status } of await crowd.cluster.listed(client)) {
      if (id === leader.id || status.state === "ready") continue;
      awayUntil = performance.now();
      if (status.state === "down") called.add(id);
    }
  }
  tell("leader lost, until all others are ready", (awayUntil - killedAt) / 1_000, "s");
  const tasks = await listed();
  const lost = tasks.filter(({ id, nodeId }) => before.has(id) && nodeId === leader.id).length;
  const begun = tasks.filter(({ id }) => !before.has(id)).length;
  tell("called down of those that are there", called.size, "nodes");
  tell(`begun anew beside the ${lost} of the leader's machine`, begun - lost, "tasks");
  return called.size === 0 && begun <= lost ? null : "the loss of a leader had consequences";
}

async function main(args: readonly string[]): Promise<string | null> {
  if (args[0] === asWorkers) return beWorkers(args.slice(1));
  const { workers, tasks } = optionsOf(args);
  const crowd = new Crowd(workers);
  try {
    await crowd.startManagers();
    tell(`${workers} workers join at once`, await timed(() => crowd.joinWorkers()), "s");
    const [leader] = await crowd.managers();
    tell("leader at rest, of one core", await shareOf(leader, restSeconds), "%");
    tell("leader at rest", memoryOf(leader), "MB");
    const web = processSleeper("web", workers * tasks);
    const run = async () => {
      await crowd.cluster.first.client.command({ kind: "create-service", spec: web });
      await crowd.cluster.running("web", workers * tasks);
    };
    tell(`${workers * tasks} tasks, until all run`, await timed(run), "s");
    return await loseLeader(crowd);
  } finally {
    await crowd.stop();
  }
}

await main(process.argv.slice(2)).then(
  (trouble) => {
    if (trouble !== null) console.error(`FAIL  ${trouble}`);
    process.exitCode = trouble === null ? 0 : 1;
  },
  (error: Error) => {
    process.stderr.write(`FAIL  ${error.message}\n`);
    process.exitCode = 1;
  },
);
