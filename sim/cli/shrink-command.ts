import { setImmediate as nextTurn } from "node:timers/promises";
import { counted } from "../../core/observe/numbers.ts";
import { plantedOf } from "../planted.ts";
import type { ScenarioPlan } from "../scenario/dsl.ts";
import { printScenario } from "../scenario/print.ts";
import { type NoStory, type ShrinkProgress, type Shrunk, shrinking } from "../shrink/shrink.ts";
import { quoted } from "./command-line.ts";
import { WrongInput } from "./exit-codes.ts";
import { microseconds, wholeNumber } from "./flag-values.ts";
import { interruptible } from "./interruption.ts";
import { checkOutFile, writeOut } from "./out-file.ts";
import { complain, endCode, print } from "./output.ts";
import { violationText } from "./report.ts";
import { StatusLine } from "./status-line.ts";
import { optionsOf, runText, type Subject, type SubjectFlags, subjectOf } from "./subject.ts";
import { oneLine } from "./words.ts";

export interface ShrinkFlags extends SubjectFlags {
  readonly tries?: string;
  readonly time?: string;
  readonly out?: string;
  readonly json?: boolean;
}

const triesDefault = 1_000;
const triesMost = 1_000_000;

/** `sim shrink`: prints the smallest story found that fails the same way. @throws WrongInput */
export async function shrinkCommand(file: string, flags: ShrinkFlags): Promise<number> {
  const { tries, time, out, json = false, ...which } = flags;
  const limits = {
    tries: tries === undefined ? triesDefault : wholeNumber("--tries", tries, triesMost),
    endsAt:
      time === undefined ? Infinity : performance.now() + microseconds("--time", time) / 1_000,
  };
  if (out !== undefined) checkOutFile("--out", out, [{ path: file, what: "what is to be shrunk" }]);
  const subject = await subjectOf(file, which);
  const { shrunk, isInterrupted } = await interruptible((interruption) =>
    shrunkBy(subject, limits, interruption),
  );
  if (typeof shrunk === "string") return withoutStory(shrunk, subject, isInterrupted);
  const source = printScenario(retold(shrunk), comment(subject, shrunk, out));
  const problem = out === undefined ? null : writeOut("--out", out, source);
  if (json) print(`${JSON.stringify({ ...shrunk, source })}\n`);
  else if (out === undefined || problem !== null) print(source);
  if (!json) complain(summary(shrunk, problem === null ? out : undefined));
  if (problem !== null) throw new WrongInput(`${problem}; it is printed instead`);
  return endCode(isInterrupted, false);
}

/** What was kept of an exploration may fail by the choices in the file, and by no seed. */
function withoutStory(why: NoStory, subject: Subject, isInterrupted: boolean): number {
  const what = runText(subject);
  if (why === "passes") throw new WrongInput(`${what} passes: there is nothing to shrink`);
  const help = "'sim replay' shows it, and 'sim why' says what decided it";
  complain(`${what} fails by the choices that it keeps, and by no seed that was tried: ${help}\n`);
  return endCode(isInterrupted, true);
}

/** Ends at the interruption with what it has. */
async function shrunkBy(
  subject: Subject,
  { tries, endsAt }: { readonly tries: number; readonly endsAt: number },
  interruption: AbortSignal,
): Promise<{ readonly shrunk: Shrunk | NoStory; readonly isInterrupted: boolean }> {
  const line = new StatusLine();
  const text = (now: ShrinkProgress) => `${sizeText(now)}, after ${now.tries} of ${tries} tries`;
  const isOver = () => interruption.aborted || performance.now() >= endsAt;
  const { plan, seed } = subject;
  const run = { plan, seed, options: optionsOf(subject), planted: plantedOf(subject.bug) };
  const search = shrinking(run, { tries, isOver });
  let step = search.next();
  for (; step.done !== true; step = search.next()) {
    const now = step.value;
    line.show(() => text(now));
    await nextTurn();
  }
  line.clear();
  return { shrunk: step.value, isInterrupted: interruption.aborted };
}

function sizeText({ steps, machines, services }: Omit<ShrinkProgress, "tries">): string {
  const counts = [counted(steps, "step"), counted(machines, "machine")];
  return [...counts, counted(services, "service")].join(", ");
}

function summary(shrunk: Shrunk, out: string | undefined): string {
  const where = out === undefined ? "" : `, in ${out}`;
  const size = `${sizeText(shrunk)} left after ${counted(shrunk.tries, "try")}${where}`;
  return `${size}\n${violationText(shrunk.violation)}\n`;
}

/** With what breaks in place of the story that it was, which this one no longer is. */
function retold({ plan, violation: { invariant, detail } }: Shrunk): ScenarioPlan {
  return { ...plan, story: `Breaks ${invariant}: ${oneLine(detail)}.` };
}

function comment({ file, seed, bug }: Subject, shrunk: Shrunk, out = "FILE"): string {
  const planted = bug === null ? "" : ` with bug ${bug}`;
  const flags = bug === null ? "" : ` --bug ${bug}`;
  return [
    `Shrunk from ${file}, seed ${seed}${planted}:`,
    `npx sim run ${quoted(out)} --seed ${quoted(shrunk.seed)}${flags}`,
  ].join("\n");
}
