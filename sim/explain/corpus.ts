import { z } from "zod";
import { parsedJson } from "../../core/base/json.ts";
import { parseChoices } from "../chance/choices.ts";
import { shapeProblem } from "../kept-json.ts";
import { plantedIds } from "../planted.ts";
import type { Violation } from "../result.ts";
import { clientsMax } from "../scenario/check-values.ts";
import { type Scenario, type ScenarioPlan, scenario } from "../scenario/dsl.ts";

/**
 * A failure kept as a file: everything that shows it again.
 *
 * Model: `simulate(plan, seed, { until, clients })` at the same commit breaks the same property at
 * the same moment. The plan is whole: the scenario as it was loaded, with the faults that were
 * drawn for this run in its `chaos` (each range narrowed to one value). On disk it is one JSON
 * object with the keys below, in this order; `parseCorpus(text)` and `corpusText(file)` go from
 * one form to the other. Keys that are not known here are kept, so that a file may carry more.
 */
export interface CorpusFile {
  readonly format: typeof corpusFormat;
  readonly version: typeof corpusVersion;
  /** The scenario file as the user named it: for people, as `plan` is what runs. */
  readonly scenario: string;
  readonly seed: string;
  /** What broke first. */
  readonly violation: Violation;
  /** Of simswarm: what `git describe` says, or the version of the package. */
  readonly commit: string;
  /** The digest of the run: another one means that the run is another. */
  readonly digest: string;
  /** As in `RunOptions`; left out where the run had none. */
  readonly until?: number;
  readonly clients?: number;
  /** Every choice of the run, as `choicesText` writes them; left out: they follow from the seed. */
  readonly choices?: string;
  /** The id of the bug that was planted for the run; left out: none was. */
  readonly bug?: string;
  readonly plan: Scenario;
}

export const corpusFormat = "simswarm-failure";
export const corpusVersion = 1;

const shape = z.looseObject({
  format: z.literal(corpusFormat),
  version: z.literal(corpusVersion),
  scenario: z.string(),
  seed: z.string(),
  violation: z.object({
    invariant: z.string(),
    at: z.number(),
    node: z.string().nullable(),
    detail: z.string(),
  }),
  commit: z.string(),
  digest: z.string(),
  until: z.number().int().positive().optional(),
  clients: z.number().int().nonnegative().max(clientsMax).optional(),
  choices: z
    .string()
    .refine((text) => parseChoices(text) !== null, "is no list of choices")
    .optional(),
  bug: z
    .string()
    .refine((id) => plantedIds().has(id), "is no bug that can be planted")
    .optional(),
  plan: z.looseObject({}),
});

/** The file's text, with its line end. */
export function corpusText(file: CorpusFile): string {
  return `${JSON.stringify(file, null, 2)}\n`;
}

/**
 * What the text of a corpus file says; in words what is wrong where it is not one. The plan's
 * own sense is left to `checkScenario`.
 */
export function parseCorpus(text: string): CorpusFile | { readonly wrong: string } {
  const value = parsedJson(text);
  if (value === undefined) return { wrong: "this is not JSON" };
  const parsed = shape.safeParse(value);
  if (!parsed.success) return { wrong: shapeProblem(value, head, isNone, parsed.error) };
  const plan = scenario(parsed.data.plan as unknown as ScenarioPlan);
  return { ...(parsed.data as unknown as CorpusFile), plan };
}

const head = { format: corpusFormat, version: corpusVersion };
const isNone = `this is no failure that simswarm kept (no "${corpusFormat}")`;
