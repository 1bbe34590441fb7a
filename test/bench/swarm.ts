import { parseArgs } from "node:util";
import { connect } from "../../real/docker/client.ts";
import { countOf } from "../support/count-option.ts";
import { RealCluster } from "../support/real-cluster.ts";
import { falseAlarms } from "./calm.ts";
import { containerRound, containerWorks } from "./containers.ts";
import { type Contender, DockerSwarm, Simswarm } from "./contenders.ts";
import { failureRound, failureWorks } from "./failures.ts";
import { type Fleet, OurFleet, SwarmFleet } from "./fleets.ts";
import { LoneEngine } from "./lone-engine.ts";
import { managerRound, managerWorks } from "./manager.ts";
import { type LoneManager, OurManager, SwarmManager } from "./managers.ts";
import { ownSession } from "./own-session.ts";
import { Stage } from "./stage.ts";
import { figureText, headText, median, type Row, rowText } from "./table.ts";
import { inTime } from "./wait.ts";

// Runs the same work with Docker's own Swarm and with ours, in turn, on one engine and machine.

const usage =
  "usage: npm run bench:swarm -- " +
  "[--only manager,containers,failures,calm] [--rounds 3] [--seconds 60]\n" +
  "containers:2 are the first two works of that part";

/** A manager has so long to come to rest before its memory is read. */
const restMs = 5_000;

/** The figures of one round, in the order of the works. */
type Round = readonly number[];
type Work = Pick<Row, "work" | "unit" | "goal">;

/** A benchmark as the user wants it. */
interface Bench {
  readonly stage: Stage;
  /** Address of the engine that runs all containers but those of Swarm's five nodes. */
  readonly engine: string;
  readonly rounds: number;
  /** For which all cores are kept busy. */
  readonly seconds: number;
}

/** The first `count` works of a part. */
type Part = (bench: Bench, count: number) => Promise<readonly Row[]>;

/** A round of nobody's: clients that have asked nothing yet are slower than any manager. */
async function warmUp({ stage }: Bench): Promise<void> {
  for (const newManager of [() => new SwarmManager(), () => new OurManager()]) {
    const each = newManager();
    await stage.with(
      () => each.stop(),
      () => figuresOf(managerRound(each, 0), managerWorks.length, () => undefined),
    );
  }
}

async function manager(bench: Bench, count: number): Promise<readonly Row[]> {
  const works = managerWorks.slice(0, count);
  const measure = (each: LoneManager, told: Told) =>
    bench.stage.with(
      () => each.stop(),
      () => figuresOf(managerRound(each, restMs), works.length, told),
    );
  await warmUp(bench);
  return compared("manager", works, bench, {
    theirs: (_, told) => measure(new SwarmManager(), told),
    ours: (_, told) => measure(new OurManager(), told),
  });
}

async function containers(bench: Bench, count: number): Promise<readonly Row[]> {
  const { stage, engine } = bench;
  const works = containerWorks.slice(0, count);
  const docker = connect(engine);
  const swarm = { ListenAddr: "127.0.0.1:2377", AdvertiseAddr: "127.0.0.1" };
  await inTime("a new swarm", docker.swarmInit(swarm));
  const cluster = new RealCluster({ machines: null, engine, enter: ownSession });
  const stop = async () => {
    await cluster.stop();
    await inTime("the swarm left", docker.swarmLeave({ force: true }));
  };
  const measure = (contender: Contender, service: string, told: Told) =>
    figuresOf(containerRound(contender, docker, service), works.length, told);
  return stage.with(stop, async () => {
    await cluster.start(1, 0);
    return compared("containers", works, bench, {
      theirs: (round, told) => measure(new DockerSwarm(docker), `theirs-${round}`, told),
      ours: (round, told) => measure(new Simswarm(cluster.first.client), `ours-${round}`, told),
    });
  });
}

async function failures(bench: Bench, count: number): Promise<readonly Row[]> {
  const works = failureWorks.slice(0, count);
  const measure = (fleet: Fleet, told: Told) =>
    bench.stage.with(
      () => fleet.stop(),
      () => figuresOf(failureRound(fleet), works.length, told),
    );
  return compared("failures", works, bench, {
    theirs: (_, told) => measure(new SwarmFleet(), told),
    ours: (_, told) => measure(new OurFleet(bench.engine), told),
  });
}

async function calm({ stage, engine, seconds }: Bench, count: number): Promise<readonly Row[]> {
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
  ].slice(0, count);
}

/** Hears each figure as soon as it is there, with its place among the works. */
type Told = (figure: number, at: number) => void;

/** One round of each contender. */
interface Contest {
  theirs(round: number, told: Told): Promise<Round>;
  ours(round: number, told: Told): Promise<Round>;
}

/** The medians of the rounds, in which the contenders take turns. */
async function compared(
  part: string,
  works: readonly Work[],
  { stage, rounds }: Bench,
  contest: Contest,
): Promise<readonly Row[]> {
  const figures: Record<"theirs" | "ours", Round[]> = { theirs: [], ours: [] };
  for (let round = 1; round <= rounds; round += 1) {
    if (stage.isCleared) throw new Error("it was interrupted");
    for (const side of ["theirs", "ours"] as const) {
      const name = side === "theirs" ? "Swarm" : "simswarm";
      figures[side].push(
        await contest[side](round, (figure, at) => {
          const { work, unit } = works[at] as Work;
          const text = `${work}: ${figureText(figure, unit)}`;
          process.stderr.write(`${part}, round ${round} of ${rounds}, ${name}: ${text}\n`);
        }),
      );
    }
  }
  const column = (side: readonly Round[], at: number) =>
    median(side.map((round) => round[at] ?? Number.NaN));
  return works.map((work, at) => {
    return { ...work, theirs: column(figures.theirs, at), ours: column(figures.ours, at) };
  });
}

/** So many of a round's figures; it ends early where that is not all of them. */
async function figuresOf(round: AsyncGenerator<number>, count: number, told: Told): Promise<Round> {
  const figures: number[] = [];
  for await (const figure of round) {
    told(figure, figures.length);
    figures.push(figure);
    if (figures.length === count) break;
  }
  return figures;
}

/** Each part's rows as soon as it ends; what does not end well is told, and ends with an error. */
async function measure(parts: readonly ChosenPart[], bench: Bench): Promise<void> {
  console.log(headText);
  for (const { part, count } of parts) {
    if (bench.stage.isCleared) return;
    try {
      for (const row of await part(bench, count)) console.log(rowText(row));
    } catch (error) {
      process.stderr.write(`bench:swarm: ${part.name}: ${(error as Error).message}\n`);
      process.exitCode = 1;
    }
  }
}

interface ChosenPart {
  readonly part: Part;
  /** Of its works, in order. */
  readonly count: number;
}

const allParts: readonly Part[] = [manager, containers, failures, calm];

/** Such as `containers`, or `containers:2`. */
function partOf(text: string): ChosenPart {
  const [name, count] = text.split(":");
  const part = allParts.find((each) => each.name === name);
  if (part === undefined) throw new Error(`nothing is called '${name}'\n${usage}`);
  const option = { name: `only ${name}:N`, usage };
  return { part, count: count === undefined ? Number.POSITIVE_INFINITY : countOf(option, count) };
}

function optionsOf(): { parts: readonly ChosenPart[]; rounds: number; seconds: number } {
  const { values } = parseArgs({
    options: {
      only: { type: "string", default: allParts.map(({ name }) => name).join() },
      rounds: { type: "string", default: "3" },
      seconds: { type: "string", default: "60" },
    },
  });
  const parts = values.only.split(",").map(partOf);
  const rounds = countOf({ name: "rounds", usage }, values.rounds);
  return { parts, rounds, seconds: countOf({ name: "seconds", usage }, values.seconds) };
}

async function main(): Promise<void> {
  const { parts, rounds, seconds } = optionsOf();
  const stage = new Stage();
  let interruption: Promise<never> | null = null;
  const interrupted = () => {
    interruption = stage.clear().then(() => process.exit(130));
  };
  for (const signal of ["SIGINT", "SIGTERM"] as const) process.once(signal, interrupted);
  const engine = new LoneEngine();
  const stop = async () => engine.stop();
  const bench = () => measure(parts, { stage, engine: engine.start(), rounds, seconds });
  await stage.with(stop, bench).finally(() => interruption);
}

await main().catch((error: Error) => {
  process.stderr.write(`bench:swarm: ${error.message}\n`);
  process.exitCode = 1;
});
process.exit();
