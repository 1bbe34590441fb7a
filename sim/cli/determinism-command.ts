import { execFile } from "node:child_process";
import { tmpdir } from "node:os";
import { resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { grouped } from "../../core/observe/numbers.ts";
import type { CheckpointRequest, Checkpoints } from "./checkpoint-process.ts";
import { exitCodes, WrongInput } from "./exit-codes.ts";
import { wholeNumber } from "./flag-values.ts";
import { interruptible } from "./interruption.ts";
import { endCode, print } from "./output.ts";
import { runRequest, seedAt, seedCount } from "./request.ts";
import { subjectOf } from "./subject.ts";

export interface DeterminismFlags {
  readonly seed?: string;
  readonly seeds?: string;
  readonly every?: string;
  readonly json?: boolean;
}

/** How one of the two processes is started. */
interface Surroundings {
  readonly name: string;
  readonly flags: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  readonly cwd: string;
  readonly forbidsAmbient: boolean;
}

/** Another clock, language, order of hashes, folder; and nothing outside may be asked. */
const surroundings: readonly [Surroundings, Surroundings] = [
  {
    ...{ name: "in UTC, in this folder", flags: [], env: { TZ: "UTC", LANG: "C", LC_ALL: "C" } },
    ...{ cwd: process.cwd(), forbidsAmbient: false },
  },
  {
    name: "in Kiribati, in Turkish, with other hashes, elsewhere, without clock or chance",
    flags: ["--hash-seed=20251", "--random-seed=7"],
    env: { TZ: "Pacific/Kiritimati", LANG: "tr_TR.UTF-8", LC_ALL: "tr_TR.UTF-8" },
    ...{ cwd: tmpdir(), forbidsAmbient: true },
  },
];

const everyDefault = 1_000;
const seedsMost = 1_000;
const program = fileURLToPath(new URL("./checkpoint-process.js", import.meta.url));
const outputMost = 1 << 28;
const start = promisify(execFile);

/** Where two processes disagree. */
interface Difference {
  /** From 1; null: the events are the same, and what came of them is not. */
  readonly event: number | null;
  readonly sides: readonly string[];
}

/**
 * `sim check-determinism`: runs everything twice, in two fresh processes in other surroundings,
 * and shows the first event that differs. Ctrl-C ends both. @throws WrongInput
 */
export function determinismCommand(
  files: readonly string[],
  flags: DeterminismFlags,
): Promise<number> {
  return interruptible((interruption) =>
    compare(files, flags, interruption).catch((error) => {
      if (!interruption.aborted) throw error;
      return endCode(true, false);
    }),
  );
}

async function compare(
  files: readonly string[],
  { every: given, json = false, ...which }: DeterminismFlags,
  signal: AbortSignal,
): Promise<number> {
  const every = given === undefined ? everyDefault : wholeNumber("--every", given, 10_000_000);
  let hasFailed = false;
  for (const file of files) {
    for (const seed of await seedsOf(file, which)) {
      const asked = { file: resolve(file), seed, every };
      const what = seed === null ? file : `${file}, seed ${seed}`;
      const [one, other] = await both({ ...asked, linesAfter: null }, signal);
      const difference = await differenceOf(asked, one, other, signal);
      hasFailed ||= difference !== null;
      const { events, digest } = one;
      if (json) print(`${JSON.stringify({ file, seed, events, digest, difference })}\n`);
      else print(`${text(what, one, difference)}\n`);
    }
  }
  return hasFailed ? exitCodes.failed : exitCodes.passed;
}

/** Reads the file as the processes will, so that what is wrong with it is said once. */
async function seedsOf(
  file: string,
  flags: Pick<DeterminismFlags, "seed" | "seeds">,
): Promise<(string | null)[]> {
  if (file.endsWith(".json")) {
    await subjectOf(file, flags);
    return [null];
  }
  const { seeds } = runRequest([file], flags);
  const count = seedCount(seeds);
  if (count > seedsMost) throw new WrongInput(`--seeds: at most ${seedsMost} are checked at once`);
  await subjectOf(file, { seed: seedAt(seeds, 0) });
  return Array.from({ length: count }, (_, index) => seedAt(seeds, index));
}

type Asked = Omit<CheckpointRequest, "forbidsAmbient">;

async function both(
  asked: Asked,
  signal: AbortSignal,
): Promise<readonly [Checkpoints, Checkpoints]> {
  const [one, other] = surroundings;
  return Promise.all([checkpoints(asked, one, signal), checkpoints(asked, other, signal)]);
}

async function checkpoints(
  asked: Asked,
  { flags, env, cwd, forbidsAmbient }: Surroundings,
  signal: AbortSignal,
): Promise<Checkpoints> {
  const request: CheckpointRequest = { ...asked, forbidsAmbient };
  const args = [...flags, program, JSON.stringify(request)];
  const options = { cwd, env: { ...process.env, ...env }, maxBuffer: outputMost, signal };
  const { stdout } = await start(process.execPath, args, options);
  return JSON.parse(stdout);
}

/** Finds the first checkpoint that differs, and then the first event before it that does. */
async function differenceOf(
  asked: Omit<Asked, "linesAfter">,
  one: Checkpoints,
  other: Checkpoints,
  signal: AbortSignal,
): Promise<Difference | null> {
  const problems = [one, other].map(({ problem, digest }) => problem ?? `digest ${digest}`);
  const isSame = one.digest === other.digest && one.problem === null && other.problem === null;
  const most = Math.max(one.digests.length, other.digests.length);
  const counts = Array.from({ length: most }, (_, at) => at);
  const at = counts.find((index) => one.digests[index] !== other.digests[index]);
  if (at === undefined) return isSame ? null : { event: null, sides: problems };
  const linesAfter = at * asked.every;
  const [left, right] = await both({ ...asked, linesAfter }, signal);
  const lines = Array.from({ length: asked.every }, (_, index) => index);
  const index = lines.find((each) => left.lines[each] !== right.lines[each]);
  if (index === undefined) return { event: null, sides: problems };
  const sides = [left, right].map(
    ({ lines, problem }) => lines[index] ?? problem ?? "the run is over",
  );
  return { event: linesAfter + index + 1, sides };
}

function text(
  what: string,
  { events, digest }: Checkpoints,
  difference: Difference | null,
): string {
  if (difference === null) {
    return `SAME  ${what}: ${grouped(events)} events, digest ${digest}`;
  }
  const { event, sides } = difference;
  const where =
    event === null ? "no event differs, and yet the runs do" : `event ${grouped(event)}`;
  const told = sides.flatMap((side, at) => [
    `  ${surroundings[at]?.name ?? ""}`,
    `    ${side.split("\n").join("\n    ")}`,
  ]);
  return [`DIFFERENT  ${what}: ${where}`, ...told].join("\n");
}
