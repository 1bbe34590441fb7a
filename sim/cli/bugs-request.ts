import {
  type PlantedRow,
  plantedIds,
  plantedRows,
  type RaftPlantedRow,
  raftPlantedRows,
} from "../planted.ts";
import { WrongInput } from "./exit-codes.ts";
import { seedRange, wholeNumber } from "./flag-values.ts";
import { countOf, type SeedBlock } from "./seed-blocks.ts";

/** A planted bug, in whichever world it is looked for. */
export type BugRow = PlantedRow | RaftPlantedRow;

/** What `sim bugs` was asked for: to look for planted bugs, or for false alarms. */
export type BugsRequest =
  | {
      readonly kind: "hunt";
      readonly rows: readonly BugRow[];
      readonly tries: number;
      /** The most seeds of a try. */
      readonly seeds: number;
      /** Most runs for making one failure of each bug small; 0: none is. */
      readonly shrinkTries: number;
      readonly json: boolean;
      /** The table as Markdown, and nothing else. */
      readonly markdown: boolean;
    }
  | {
      readonly kind: "results";
      /** What earlier hunts have printed as JSON. */
      readonly file: string;
      readonly markdown: boolean;
    }
  | {
      readonly kind: "benign";
      /** Those of each harmless change. */
      readonly seeds: SeedBlock;
      readonly json: boolean;
    };

/** The flags of `sim bugs` as the command line has them. */
export interface BugsFlags {
  readonly only?: string;
  readonly tries?: string;
  readonly seeds?: string;
  readonly benign?: boolean;
  readonly json?: boolean;
  readonly markdown?: boolean;
  readonly results?: string;
  /** False with `--no-shrink`. */
  readonly shrink?: boolean;
}

const triesDefault = "20";
const seedsDefault = "1000";
const shrinkTries = 300;
const benignSeedsDefault = "10000";
const triesMost = 10_000;
const seedsMost = 10_000_000;

/** Makes sense of the flags. @throws WrongInput */
export function bugsRequest(flags: BugsFlags): BugsRequest {
  const json = flags.json ?? false;
  if (flags.results !== undefined) return resultsRequest(flags.results, flags);
  if (flags.benign !== true) {
    const rows = rowsOf(flags.only);
    const tries = wholeNumber("--tries", flags.tries ?? triesDefault, triesMost);
    const seeds = wholeNumber("--seeds", flags.seeds ?? seedsDefault, seedsMost);
    const markdown = flags.markdown ?? false;
    if (json && markdown) throw new WrongInput("--json and --markdown exclude each other");
    const most = flags.shrink === false ? 0 : shrinkTries;
    return { kind: "hunt", rows, tries, seeds, shrinkTries: most, json, markdown };
  }
  const wrong = given(flags, ["only", "tries", "markdown", "no-shrink"]);
  if (wrong !== undefined) {
    throw new WrongInput(`--${wrong} is about planted bugs, and --benign plants none: drop one`);
  }
  return { kind: "benign", seeds: benignSeeds(flags.seeds ?? benignSeedsDefault), json };
}

/** A count, from seed 1 on, or a range: a part of a long search. */
function benignSeeds(text: string): SeedBlock {
  if (!text.includes("..")) return { first: 1, last: wholeNumber("--seeds", text, seedsMost) };
  const seeds = seedRange(text);
  if (countOf(seeds) <= seedsMost) return seeds;
  throw new WrongInput(`--seeds ${text}: at most ${seedsMost} go in one command`);
}

function resultsRequest(file: string, flags: BugsFlags): BugsRequest {
  const wrong = given(flags, ["only", "tries", "seeds", "benign", "json", "no-shrink"]);
  if (wrong !== undefined) {
    throw new WrongInput(`--${wrong} is about a hunt, and --results makes none: drop one`);
  }
  return { kind: "results", file, markdown: flags.markdown ?? false };
}

type Flag = Exclude<keyof BugsFlags, "shrink"> | "no-shrink";

/** The first of these that the command line has. */
function given(flags: BugsFlags, names: readonly Flag[]): Flag | undefined {
  return names.find((name) =>
    name === "no-shrink" ? flags.shrink === false : flags[name] !== undefined,
  );
}

/** A bug that is planted in both worlds has two rows. */
function rowsOf(only: string | undefined): BugRow[] {
  const rows = allRows();
  if (only === undefined) return rows;
  const ids = only.split(",").map((id) => id.trim());
  const known = plantedIds();
  const unknown = ids.find((id) => !known.has(id));
  if (unknown === undefined) return rows.filter(({ id }) => ids.includes(id));
  const all = [...known].join(" ");
  throw new WrongInput(`--only ${only}: there is no bug "${unknown}"; there are ${all}`);
}

export function allRows(): BugRow[] {
  return [...raftPlantedRows, ...plantedRows];
}
