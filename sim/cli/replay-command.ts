import { createColors } from "picocolors";
import type { Colors } from "picocolors/types.js";
import type { RunObserver, RunResult } from "../result.ts";
import { simulate } from "../simulate.ts";
import { quoted } from "./command-line.ts";
import { exitCodes, WrongInput } from "./exit-codes.ts";
import { jsonText } from "./json.ts";
import { outputIsTerminal, print, wantsColour } from "./output.ts";
import { headText, quietText, reportText } from "./report.ts";
import { storyText } from "./story.ts";
import { optionsOf, plantedIn, type Subject, subjectOf } from "./subject.ts";

export interface ReplayFlags {
  readonly json?: boolean;
  readonly quiet?: boolean;
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
  const colours = createColors(wantsColour(process.env, outputIsTerminal()));
  const failed = subjects.filter((subject) => replay(subject, flags, colours) === "fail");
  return failed.length > 0 ? exitCodes.failed : exitCodes.passed;
}

function replay(subject: Subject, flags: ReplayFlags, colours: Colors): RunResult["verdict"] {
  const { file, plan, seed } = subject;
  const isTold = flags.json !== true && flags.quiet !== true;
  if (isTold) print(headText(plan, seed, colours));
  const observer: RunObserver = isTold ? { story: (line) => print(storyText(line, colours)) } : {};
  const result = simulate(plan, seed, { ...optionsOf(subject), observer }, plantedIn(subject));
  const command = `npx sim replay ${quoted(file)}`;
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
