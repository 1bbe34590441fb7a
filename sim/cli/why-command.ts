import { eventsAlong, pastOf } from "../explain/why.ts";
import { plantedOf } from "../planted.ts";
import { WrongInput } from "./exit-codes.ts";
import { wholeNumber } from "./flag-values.ts";
import { endCode, outputColours, print } from "./output.ts";
import { optionsOf, runText, type SubjectFlags, subjectOf } from "./subject.ts";
import { type WhyReport, whyJson, whyText } from "./why-report.ts";
import { WhySearch } from "./why-search.ts";

export interface WhyFlags extends SubjectFlags {
  readonly points?: string;
  readonly futures?: string;
  readonly json?: boolean;
}

const pointsDefault = 20;
const futuresDefault = 12;

/**
 * `sim why`: from points along a run that failed, lets chance choose the future anew, and says how
 * likely the failure was by then, and after which event nothing could prevent it.
 * @throws WrongInput
 */
export async function whyCommand(file: string, flags: WhyFlags): Promise<number> {
  const { points, futures, json = false, ...which } = flags;
  const counts = {
    points: points === undefined ? pointsDefault : wholeNumber("--points", points, 1_000),
    futures: futures === undefined ? futuresDefault : wholeNumber("--futures", futures, 10_000),
  };
  const subject = await subjectOf(file, which);
  const past = pastOf(subject.plan, subject.seed, optionsOf(subject), plantedOf(subject.bug));
  const [violation] = past.recording.result.violations;
  if (violation === undefined) {
    throw new WrongInput(`${runText(subject)} passes: there is nothing to explain`);
  }
  const search = new WhySearch(subject, past, violation, counts.futures);
  const first = await search.tryAll(eventsAlong(past, counts.points));
  await search.narrow();
  const report: WhyReport = {
    ...{ file, seed: subject.seed, violation, recording: past.recording },
    ...{ futures: counts.futures, points: first, turn: search.turn, all: search.points },
    isInterrupted: search.isInterrupted,
  };
  const colours = outputColours();
  print(json ? whyJson(report) : whyText(report, colours));
  return endCode(search.isInterrupted, false);
}
