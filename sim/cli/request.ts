import { plantedIds } from "../planted.ts";
import type { RunOptions } from "../run.ts";
import { clientsMax } from "../scenario/check-values.ts";
import { WrongInput } from "./exit-codes.ts";
import { microseconds, seedRange } from "./flag-values.ts";
import type { SeedBlock } from "./seed-blocks.ts";

/** Which seeds to run: one, which may be any text, or every whole number of a range. */
export type Seeds =
  | { readonly kind: "one"; readonly seed: string }
  | ({ readonly kind: "range" } & SeedBlock);

/** What `sim run` was asked for, with every value in the form in which it is used. */
export interface RunRequest {
  /** As the user wrote them. */
  readonly files: readonly string[];
  readonly seeds: Seeds;
  readonly until: Until | null;
  /** How many clients; null leaves it to each scenario. */
  readonly clients: number | null;
  readonly json: boolean;
  readonly quiet: boolean;
  /** The file for the trace. */
  readonly trace: string | null;
  readonly traceFormat: TraceFormat;
  /** The file for the clients' history. */
  readonly history: string | null;
  /** The file in which a failure is kept: the first of several. */
  readonly keep: string | null;
  /** The id of a bug to plant. */
  readonly bug: string | null;
  /** The file for the report. */
  readonly report: string | null;
}

/** How `--trace` writes a run; what each is for is in `docs/traces.md`. */
export type TraceFormat = (typeof traceFormats)[number];
const traceFormats = ["ndjson", "tla", "chrome"] as const;

export interface Until {
  /** As the user wrote it. */
  readonly text: string;
  readonly us: number;
}

/** The flags of `sim run` as the command line has them. */
export interface RunFlags {
  readonly seed?: string;
  readonly seeds?: string;
  readonly until?: string;
  readonly clients?: string;
  readonly json?: boolean;
  readonly quiet?: boolean;
  readonly trace?: string;
  readonly traceFormat?: string;
  readonly history?: string;
  readonly keep?: string;
  readonly bug?: string;
  readonly report?: string;
}

/** What a run is given besides its scenario and seed; it can be sent to a thread. */
export type RunLimits = Pick<RunOptions, "until" | "clients">;

const runsMax = 10_000_000;
const defaultSeed = "1";

/** Makes sense of the flags. @throws WrongInput */
export function runRequest(files: readonly string[], flags: RunFlags): RunRequest {
  const seeds = seedsOf(flags);
  const request: RunRequest = {
    files,
    seeds,
    until:
      flags.until === undefined
        ? null
        : { text: flags.until, us: microseconds("--until", flags.until) },
    clients: flags.clients === undefined ? null : clientsOf(flags.clients),
    json: flags.json ?? false,
    quiet: flags.quiet ?? false,
    trace: flags.trace ?? null,
    traceFormat: traceFormatOf(flags),
    history: flags.history ?? null,
    keep: flags.keep ?? null,
    bug: flags.bug === undefined ? null : checkedBug(flags.bug),
    report: flags.report ?? null,
  };
  const runs = runsOf(request);
  if (runs > runsMax) {
    throw new WrongInput(`these are ${runs} runs: at most ${runsMax} go in one command`);
  }
  for (const flag of ["trace", "history", "report"] as const) {
    if (request[flag] === null || runs === 1) continue;
    throw new WrongInput(
      `--${flag} follows one run, and these are ${runs}: name one file and --seed`,
    );
  }
  return request;
}

/** The part of a request that each run is given. */
export function limitsOf({ until, clients }: RunRequest): RunLimits {
  return { ...(until !== null && { until: until.us }), ...(clients !== null && { clients }) };
}

/** How many runs the request comes to. */
export function runsOf({ files, seeds }: RunRequest): number {
  return files.length * seedCount(seeds);
}

export function seedCount(seeds: Seeds): number {
  return seeds.kind === "one" ? 1 : seeds.last - seeds.first + 1;
}

/** The seed of the run at this place in the range, from 0. */
export function seedAt(seeds: Seeds, index: number): string {
  return seeds.kind === "one" ? seeds.seed : String(seeds.first + index);
}

function seedsOf({ seed, seeds }: RunFlags): Seeds {
  if (seeds === undefined) return { kind: "one", seed: checkedSeed(seed ?? defaultSeed) };
  if (seed !== undefined) {
    throw new WrongInput("--seed and --seeds exclude each other: give one seed or a range");
  }
  return { kind: "range", ...seedRange(seeds) };
}

function checkedSeed(seed: string): string {
  if (/\p{Cc}/u.test(seed)) throw new WrongInput("--seed: write it without control characters");
  return seed;
}

function traceFormatOf({ trace, traceFormat = "ndjson" }: RunFlags): TraceFormat {
  const format = traceFormats.find((each) => each === traceFormat);
  if (format === undefined) {
    throw new WrongInput(`--trace-format ${traceFormat}: write one of ${traceFormats.join(", ")}`);
  }
  if (trace !== undefined || traceFormat === "ndjson") return format;
  throw new WrongInput(`--trace-format ${traceFormat}: name a file too, with --trace`);
}

function checkedBug(bug: string): string {
  const known = plantedIds();
  if (known.has(bug)) return bug;
  throw new WrongInput(`--bug ${bug}: there is no such bug; there are ${[...known].join(" ")}`);
}

function clientsOf(text: string): number {
  const clients = /^\d+$/.test(text) ? Number(text) : Number.NaN;
  if (clients <= clientsMax) return clients;
  throw new WrongInput(`--clients ${text}: write a whole number from 0 to ${clientsMax}`);
}
