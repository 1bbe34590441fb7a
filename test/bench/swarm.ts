import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { connect } from "../../real/docker/client.ts";
import { ownEngine } from "../support/docker.ts";
import { RealCluster } from "../support/real-cluster.ts";
import { falseAlarms } from "./calm.ts";
import { containerRound, containerWorks } from "./containers.ts";
import { DockerSwarm, Simswarm } from "./contenders.ts";
import { failureRound, failureWorks } from "./failures.ts";
import { OurFleet, SwarmFleet } from "./fleets.ts";

// Runs the same work with Docker's own Swarm and with ours, in turn, on one engine and machine.

const usage =
  "usage: npm run bench:swarm -- [--only containers,failures,calm] [--rounds 3] [--seconds 300]";

/** The most that ours may take of what Swarm takes, or in seconds. */
const containerGoals = [0.9, 0.7, 0.6, 0.9, 0.9];
const failureGoalsSeconds = [6, 2.5];

type Table = readonly (readonly number[])[];

function median(figures: readonly number[]): number {
  const sorted = [...figures].sort((left, right) => left - right);
  return sorted[Math.floor(sorted.length / 2)] ?? Number.NaN;
}

function column(rounds: Table, at: number): number {
  return median(rounds.map((round) => round[at] ?? Number.NaN));
}

function row(work: string, swarm: number, ours: number, goal: string, isMet: boolean): void {
  const [theirs, own] = [swarm, ours].map((each) => each.toFixed(2).padStart(6));
  const ratio = (ours / swarm).toFixed(2);
  const verdict = isMet ? "reached" : "missed";
  console.log(`${work.padEnd(52)} ${theirs} s ${own} s  ${ratio}x  goal ${goal}: ${verdict}`);
}

async function containers(engine: string, rounds: number): Promise<void> {
  const docker = connect(engine);
  await docker.swarmInit({ ListenAddr: "127.0.0.1:2377", AdvertiseAddr: "127.0.0.1" });
  const cluster = new RealCluster({ machines: null, engine });
  const theirs: (readonly number[])[] = [];
  const ours: (readonly number[])[] = [];
  try {
    await cluster.start(1, 0);
    for (let round = 1; round <= rounds; round += 1) {
      theirs.push(await containerRound(new DockerSwarm(docker), docker, `theirs-${round}`));
      ours.push(await containerRound(new Simswarm(cluster.first.client), docker, `ours-${round}`));
    }
  } finally {
    await cluster.stop();
    await docker.swarmLeave({ force: true });
  }
  for (const [at, work] of containerWorks.entries()) {
    const [swarm, own, goal] = [column(theirs, at), column(ours, at), containerGoals[at] as number];
    row(work, swarm, own, `${goal}x`, own <= goal * swarm);
  }
}

async function failures(engine: string, rounds: number): Promise<void> {
  const theirs: (readonly number[])[] = [];
  const ours: (readonly number[])[] = [];
  for (let round = 1; round <= rounds; round += 1) {
    for (const [newFleet, figures] of [
      [() => new SwarmFleet(), theirs],
      [() => new OurFleet(engine), ours],
    ] as const) {
      const fleet = newFleet();
      try {
        await fleet.start();
        figures.push(await failureRound(fleet));
      } finally {
        await fleet.stop();
      }
    }
  }
  for (const [at, work] of failureWorks.entries()) {
    const [own, goal] = [column(ours, at), failureGoalsSeconds[at] as number];
    row(work, column(theirs, at), own, `${goal} s`, own <= goal);
  }
}

async function calm(engine: string, seconds: number): Promise<void> {
  const fleet = new OurFleet(engine);
  try {
    await fleet.start();
    const { nodesDown, tasksReplaced, leaderChanges } = await falseAlarms(fleet, seconds);
    const isCalm = nodesDown === 0 && tasksReplaced === 0;
    const seen = `${nodesDown} nodes down, ${tasksReplaced} tasks replaced`;
    const verdict = isCalm ? "reached" : "missed";
    console.log(
      `all cores busy for ${seconds} s: ${seen}, ${leaderChanges} changes of leader; ` +
        `goal no false alarm: ${verdict}`,
    );
  } finally {
    await fleet.stop();
  }
}

/** A whole number, 1 or more. */
function countOf(text: string): number {
  if (/^[1-9]\d{0,5}$/.test(text)) return Number(text);
  throw new Error(`'${text}' is no whole number from 1 on\n${usage}`);
}

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      only: { type: "string", default: "containers,failures,calm" },
      rounds: { type: "string", default: "3" },
      seconds: { type: "string", default: "300" },
    },
  });
  const [rounds, seconds] = [countOf(values.rounds), countOf(values.seconds)];
  const parts = new Map([
    ["containers", (engine: string) => containers(engine, rounds)],
    ["failures", (engine: string) => failures(engine, rounds)],
    ["calm", (engine: string) => calm(engine, seconds)],
  ]);
  const chosen = values.only.split(",");
  const unknown = chosen.find((each) => !parts.has(each));
  if (unknown !== undefined) throw new Error(`nothing is called '${unknown}'\n${usage}`);
  const folder = mkdtempSync(join(tmpdir(), "bench-swarm-"));
  const engine = ownEngine(join(folder, "engine"));
  try {
    for (const part of chosen) await parts.get(part)?.(engine.address);
  } finally {
    engine.stop();
    rmSync(folder, { recursive: true, force: true });
  }
}

await main().catch((error: Error) => {
  process.stderr.write(`bench:swarm: ${error.message}\n`);
  process.exitCode = 1;
});
