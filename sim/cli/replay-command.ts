import { createColors } from "picocolors";
import type { Colors } from "picocolors/types.js";
import { Evidence } from "../explain/evidence.ts";
import { plantedOf } from "../planted.ts";
import type { RunResult, StoryLine } from "../result.ts";
import { simulate } from "../simulate.ts";
import { type RunObserver, together } from "../world/watch.ts";
import { quoted } from "./command-line.ts";
import { exitCodes, WrongInput } from "./exit-codes.ts";
import { jsonText } from "./json.ts";
import { complain, outputIsTerminal, print, wantsColour } from "./output.ts";
import { headText, quietText, reportText } from "./report.ts";
import { ReportFile } from "./report-file.ts";
import { storyText } from "./story.ts";
import { optionsOf, type Subject, subjectOf } from "./subject.ts";

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
  const colours = createColors(wantsColour(process.env, outputIsTerminal()));
  let code: number = exitCodes.passed;
  for (const subject of subjects) {
    if ((await replay(subject, flags, colours)) === "fail") code = exitCodes.failed;
  }
  return code;
}

async function replay(
  subject: Subject,
  flags: ReplayFlags,
  colours: Colors,
): Promise<RunResult["verdict"]> {
  const { file, plan, seed } = subject;
  const { report } = flags;
  const page = report === undefined ? null : new ReportFile(report, file, plan);
  const isTold = flags.json !== true && flags.quiet !== true;
  if (isTold) print(headText(plan, seed, colours));
  const story = (line: StoryLine) => {
    if (isTold) print(storyText(line, colours));
    page?.told(line);
  };
  const evidence = new Evidence();
  const observer: RunObserver = {
    ...((isTold || page !== null) && { story }),
    watch: together([evidence.watch, ...(page === null ? [] : [page.watch])]),
  };
  const options = { ...optionsOf(subject), observer };
  const result = evidence.explained(simulate(plan, seed, options, plantedOf(subject.bug)));
  const command = `npx sim replay ${quoted(file)}`;
  const problem = (await page?.write(result, command)) ?? null;
  if (problem !== null) complain(`${problem}\n`);
  if (flags.json === true) print(jsonText(result, file, command));
  else {
    print(isTold ? reportText(result, command, colours) : quietText(result, command, colours));
    print(`${comparison(subject, result)}\n`);
  }
  return result.verdict;
}

/** Whether it is the run that was kept. */
function comparison({ kept }: Subject, { digest, violations: [now] }: RunResult): string {
  if (kept === null) return "";
  if (digest === kept.digest) return "the same run as was kept, to the last event";
  const { invariant } = kept.violation;
  const then = `it was kept at ${kept.commit} with ${invariant} broken`;
  const difference =
    now?.invariant === invariant ? "breaks the same in another run" : "is another run";
  return `this ${difference}: ${then}, and simswarm has changed since`;
}
