import { parseArgs } from "node:util";
import { connect } from "../../real/docker/client.ts";
import { RealCluster } from "../support/real-cluster.ts";
import { falseAlarms } from "./calm.ts";
import { containerRound, containerWorks } from "./containers.ts";
import { DockerSwarm, Simswarm } from "./contenders.ts";
import { failureRound, failureWorks } from "./failures.ts";
import { OurFleet, SwarmFleet } from "./fleets.ts";
import { LoneEngine } from "./lone-engine.ts";
import { managerRound, managerWorks } from "./manager.ts";
import { OurManager, SwarmManager } from "./managers.ts";
import { Stage } from "./stage.ts";
import { median, type Row, tableText } from "./table.ts";
import { inTime } from "./wait.ts";

// Runs the same work with Docker's own Swarm and with ours, in turn, on one engine and machine.

const usage =
  "usage: npm run bench:swarm -- " +
  "[--only manager,containers,failures,calm] [--rounds 3] [--seconds 300]";

/** The figures of one round. */
type Round = readonly number[];

/** A benchmark as the user wants it. */
interface Bench {
  readonly stage: Stage;
  /** Address of the engine that runs all containers but those of Swarm's five nodes. */
  readonly engine: string;
  readonly rounds: number;
  /** For which all cores are kept busy. */
  readonly seconds: number;
}

async function manager({ stage, rounds }: Bench): Promise<Row[]> {
  const [theirs, ours]: [Round[], Round[]] = [[], []];
  for (let round = 1; round <= rounds; round += 1) {
    for (const newManager of [() => new SwarmManager(), () => new OurManager()]) {
      const each = newManager();
      const figures = await stage.with(
        () => each.stop(),
        () => managerRound(each),
      );
      (each instanceof SwarmManager ? theirs : ours).push(figures);
    }
    told("manager", round, rounds);
  }
  return rowsOf(managerWorks, theirs, ours);
}

async function containers({ stage, engine, rounds }: Bench): Promise<Row[]> {
  const docker = connect(engine);
  const swarm = { ListenAddr: "127.0.0.1:2377", AdvertiseAddr: "127.0.0.1" };
  await inTime("a new swarm", docker.swarmInit(swarm));
  const cluster = new RealCluster({ machines: null, engine });
  const [theirs, ours]: [Round[], Round[]] = [[], []];
  const stop = async () => {
    await cluster.stop();
    await inTime("the swarm left", docker.swarmLeave({ force: true }));
  };
  await stage.with(stop, async () => {
    await cluster.start(1, 0);
    for (let round = 1; round <= rounds; round += 1) {
      theirs.push(await containerRound(new DockerSwarm(docker), docker, `theirs-${round}`));
      ours.push(await containerRound(new Simswarm(cluster.first.client), docker, `ours-${round}`));
      told("containers", round, rounds);
    }
  });
  return rowsOf(containerWorks, theirs, ours);
}

async function failures({ stage, engine, rounds }: Bench): Promise<Row[]> {
  const [theirs, ours]: [Round[], Round[]] = [[], []];
  for (let round = 1; round <= rounds; round += 1) {
    for (const newFleet of [() => new SwarmFleet(), () => new OurFleet(engine)]) {
      const fleet = newFleet();
      const figures = await stage.with(
        () => fleet.stop(),
        () => failureRound(fleet),
      );
      (fleet instanceof SwarmFleet ? theirs : ours).push(figures);
    }
    told("failures", round, rounds);
  }
  return rowsOf(failureWorks, theirs, ours);
}

async function calm({ stage, engine, seconds }: Bench): Promise<Row[]> {
  const fleet = new OurFleet(engine);
  const seen = await stage.with(
    () => fleet.stop(),
    () => falseAlarms(fleet, seconds),
  );
  const work = (alarms: string) => `all cores busy for ${seconds} s: ${alarms}`;
  const none = { unit: "", theirs: null, goal: { kind: "at-most", figure: 0 } } as const;
  return [
    { work: work("nodes called down"), ours: seen.nodesDown, ...none },
    { work: work("tasks replaced"), ours: seen.tasksReplaced, ...none },
    { work: work("changes of leader"), ours: seen.leaderChanges, ...none },
  ];
}

/** The medians of the rounds. */
function rowsOf(
  works: readonly Pick<Row, "work" | "unit" | "goal">[],
  theirs: readonly Round[],
  ours: readonly Round[],
): Row[] {
  const column = (rounds: readonly Round[], at: number) =>
    median(rounds.map((round) => round[at] ?? Number.NaN));
  return works.map((work, at) => ({ ...work, theirs: column(theirs, at), ours: column(ours, at) }));
}

function told(part: string, round: number, rounds: number): void {
  process.stderr.write(`${part}: round ${round} of ${rounds}\n`);
}

/** Of what came to an end; what did not is told, and ends the program with an error. */
async function measured(parts: readonly Part[], bench: Bench): Promise<Row[]> {
  const rows: Row[] = [];
  for (const part of parts) {
    try {
      rows.push(...(await part(bench)));
    } catch (error) {
      process.stderr.write(`bench:swarm: ${part.name}: ${(error as Error).message}\n`);
      process.exitCode = 1;
    }
  }
  return rows;
}

type Part = (bench: Bench) => Promise<Row[]>;
const allParts: readonly Part[] = [manager, containers, failures, calm];

/** A whole number, 1 or more. */
function countOf(text: string): number {
  if (/^[1-9]\d{0,5}$/.test(text)) return Number(text);
  throw new Error(`'${text}' is no whole number from 1 on\n${usage}`);
}

function optionsOf(): { parts: readonly Part[]; rounds: number; seconds: number } {
  const { values } = parseArgs({
    options: {
      only: { type: "string", default: allParts.map(({ name }) => name).join() },
      rounds: { type: "string", default: "3" },
      seconds: { type: "string", default: "300" },
    },
  });
  const parts = values.only.split(",").map((name) => {
    const part = allParts.find((each) => each.name === name);
    if (part === undefined) throw new Error(`nothing is called '${name}'\n${usage}`);
    return part;
  });
  return { parts, rounds: countOf(values.rounds), seconds: countOf(values.seconds) };
}

async function main(): Promise<void> {
  const { parts, rounds, seconds } = optionsOf();
  const stage = new Stage();
  const interrupted = () => void stage.clear().then(() => process.exit(130));
  for (const signal of ["SIGINT", "SIGTERM"] as const) process.once(signal, interrupted);
  const engine = new LoneEngine();
  const stop = async () => engine.stop();
  const rows = await stage.with(stop, () => {
    return measured(parts, { stage, engine: engine.start(), rounds, seconds });
  });
  console.log(tableText(rows));
}

await main().catch((error: Error) => {
  process.stderr.write(`bench:swarm: ${error.message}\n`);
  process.exitCode = 1;
});
process.exit();
