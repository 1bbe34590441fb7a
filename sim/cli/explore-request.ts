import { availableParallelism } from "node:os";
import type { Shard } from "../explore/exploration.ts";
import { WrongInput } from "./exit-codes.ts";
import { microseconds, wholeNumber } from "./flag-values.ts";

/** What `sim explore` was asked for, with every value in the form in which it is used. */
export interface ExploreRequest {
  /** As the user wrote them. */
  readonly files: readonly string[];
  /** How many trials all shards make together; infinite when only time is a limit. */
  readonly seeds: number;
  /** The seed of the first trial of all. */
  readonly firstSeed: number;
  /** After this many seconds no more trials begin; null: no limit. */
  readonly seconds: number | null;
  /** How many threads run trials. */
  readonly jobs: number;
  readonly shard: Shard;
  readonly json: boolean;
  /** The folder for failures. */
  readonly corpus: string;
  /** Whether every situation of the catalogue must be reached. */
  readonly allSituations: boolean;
}

/** The flags of `sim explore` as the command line has them. */
export interface ExploreFlags {
  readonly seeds?: string;
  readonly firstSeed?: string;
  readonly time?: string;
  readonly jobs?: string;
  readonly shard?: string;
  readonly json?: boolean;
  readonly corpus?: string;
  readonly allSituations?: boolean;
}

const seedsMost = 1_000_000_000;
const jobsMost = 32;
const defaultSeeds = "1000";

/** Makes sense of the flags. @throws WrongInput */
export function exploreRequest(files: readonly string[], flags: ExploreFlags): ExploreRequest {
  const { seeds, time, jobs, shard, firstSeed } = flags;
  const isTimed = time !== undefined && seeds === undefined;
  return {
    files,
    seeds: isTimed ? seedsMost : wholeNumber("--seeds", seeds ?? defaultSeeds, seedsMost),
    firstSeed: firstSeed === undefined ? 1 : wholeNumber("--first-seed", firstSeed, seedsMost),
    seconds: time === undefined ? null : microseconds("--time", time) / 1e6,
    jobs: jobs === undefined ? jobsHere() : wholeNumber("--jobs", jobs, jobsMost),
    shard: shard === undefined ? { index: 1, count: 1 } : shardOf(shard),
    json: flags.json ?? false,
    corpus: flags.corpus ?? "corpus",
    allSituations: flags.allSituations ?? false,
  };
}

/** How many of the trials are this shard's. */
export function trialsOf({ seeds, shard: { index, count } }: ExploreRequest): number {
  return Math.max(0, Math.floor((seeds - index) / count) + 1);
}

export function shardText({ index, count }: Shard): string {
  return `${index}/${count}`;
}

function jobsHere(): number {
  return Math.min(availableParallelism(), jobsMost);
}

function shardOf(text: string): Shard {
  const match = /^(\d+)\/(\d+)$/.exec(text);
  const [index, count] = [Number(match?.[1]), Number(match?.[2])];
  if (match !== null && index >= 1 && index <= count && count <= 100_000) return { index, count };
  throw new WrongInput(`--shard ${text}: write which of how many, from 1 on, such as 2/8`);
}
