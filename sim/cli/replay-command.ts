import type { Colors } from "picocolors/types.js";
import type { RunResult } from "../result.ts";
import { quoted } from "./command-line.ts";
import { commitOf } from "./corpus-folder.ts";
import { exitCodes, WrongInput } from "./exit-codes.ts";
import { OutFiles } from "./out-files.ts";
import { outputColours, print } from "./output.ts";
import { optionsOf, type Subject, subjectOf } from "./subject.ts";
import { exitCodeOfRun, tellRun } from "./tell-run.ts";

export interface ReplayFlags {
  readonly json?: boolean;
  readonly quiet?: boolean;
  readonly report?: string;
}

/** `sim replay`: shows kept failures again, each from its choices. @throws WrongInput */
export async function replayCommand(files: readonly string[], flags: ReplayFlags): Promise<number> {
  const subjects: Subject[] = [];
  for (const file of files) {
    if (!file.endsWith(".json")) {
      throw new WrongInput(`${file}: a kept failure ends in .json; \`sim run\` runs scenarios`);
    }
    subjects.push(await subjectOf(file, {}));
  }
  if (flags.report !== undefined && files.length > 1) {
    throw new WrongInput(`--report follows one run, and these are ${files.length}: name one file`);
  }
  const colours = outputColours();
  let code: number = exitCodes.passed;
  for (const subject of subjects) {
    const own = await replay(subject, flags, colours);
    if (code !== exitCodes.failed && own !== exitCodes.passed) code = own;
  }
  return code;
}

async function replay(subject: Subject, flags: ReplayFlags, colours: Colors): Promise<number> {
  const { file, limits, plan } = subject;
  const { json = false, quiet = false, report = null } = flags;
  const asked = { trace: null, traceFormat: "ndjson", history: null, report } as const;
  const taken = { path: file, what: "the failure itself" };
  const out = new OutFiles(asked, limits.clients ?? plan.clients ?? 0, plan, taken);
  const command = `npx sim replay ${quoted(file)}`;
  const run = { ...subject, options: optionsOf(subject), command, json, quiet };
  const told = await tellRun(run, out, colours);
  if (!json) print(`${comparison(subject, told.result)}\n`);
  return exitCodeOfRun(told);
}

/** Whether it is the run that was kept. */
function comparison({ kept }: Subject, { digest, violations: [now] }: RunResult): string {
  if (kept === null) return "";
  if (digest === kept.digest) return "the same run as was kept, to the last event";
  const { invariant } = kept.violation;
  const then = `it was kept at ${kept.commit} with ${invariant} broken`;
  const difference =
    now?.invariant === invariant ? "breaks the same in another run" : "is another run";
  const changed = kept.commit === commitOf() ? "the file" : "simswarm";
  return `this ${difference}: ${then}, and ${changed} has changed since`;
}
