import type { Colors } from "picocolors/types.js";
import { z } from "zod";
import { parsedJson } from "../../core/base/json.ts";
import { huntMarkdown } from "./bugs-markdown.ts";
import { huntText, type RowReport, reportFrom, worldOf } from "./bugs-report.ts";
import { allRows, type BugRow, type BugsRequest } from "./bugs-request.ts";
import { exitCodes, WrongInput } from "./exit-codes.ts";
import { linesIn } from "./in-file.ts";
import { print } from "./output.ts";

/** What is read of a line that `reportJson` has written. */
const line = z.object({
  id: z.string(),
  world: z.string(),
  needed: z.array(z.int().min(1)),
  stepsLeft: z.int().nullable(),
  accidents: z.array(z.object({ seed: z.int(), invariant: z.string(), detail: z.string() })),
  missed: z.array(z.int()),
});

type Line = z.infer<typeof line>;

/**
 * The table of hunts that were made before, bug by bug or machine by machine: the tries of all
 * lines of a row are counted together. The exit code. @throws WrongInput
 */
export function showResults(
  { file, markdown }: BugsRequest & { kind: "results" },
  colours: Colors,
): number {
  const lines = linesOf(file);
  const reports = allRows().flatMap((row) => reportOn(row, lines) ?? []);
  if (reports.length === 0) throw new WrongInput(`${file}: there are no results in it`);
  print(markdown ? huntMarkdown(null, reports) : huntText(null, reports, colours));
  const isComplete = reports.every(({ caught, tries }) => caught === tries);
  return isComplete ? exitCodes.passed : exitCodes.failed;
}

function reportOn(row: BugRow, lines: readonly Line[]): RowReport | null {
  const own = lines.filter(({ id, world }) => id === row.id && world === worldOf(row));
  if (own.length === 0) return null;
  return reportFrom({
    row,
    needed: own.flatMap(({ needed }) => needed),
    stepsLeft: own.reduce<number | null>((last, { stepsLeft }) => stepsLeft ?? last, null),
    accidents: own.flatMap(({ accidents }) => accidents),
    missed: own.flatMap(({ missed }) => missed),
  });
}

function linesOf(file: string): Line[] {
  return [...linesIn(file)].flatMap((text, at) =>
    text === "" ? [] : parsed(text, `${file}:${at + 1}`),
  );
}

function parsed(text: string, where: string): Line {
  const { data } = line.safeParse(parsedJson(text));
  if (data !== undefined) return data;
  throw new WrongInput(`${where}: this is not what sim bugs --json prints`);
}
