import { setImmediate as nextTurn } from "node:timers/promises";
import type { ExportedCluster } from "../../core/observe/exported-cluster.ts";
import { checkScenario } from "../scenario/check.ts";
import { printScenario } from "../scenario/print.ts";
import { answerOf, type LossAnswer } from "../whatif/answer.ts";
import { parseExport } from "../whatif/export-shape.ts";
import { MachineNames } from "../whatif/machine-names.ts";
import { type LossOutcome, outcomeOfLoss } from "../whatif/outcome.ts";
import { type Loss, type LossPlan, planOfCluster } from "../whatif/plan-of-cluster.ts";
import { WrongInput } from "./exit-codes.ts";
import { textOf } from "./in-file.ts";
import { interruptible } from "./interruption.ts";
import { problemsText } from "./load-checked.ts";
import { checkOutFile, writeOut } from "./out-file.ts";
import { endCode, outputColours, print } from "./output.ts";
import { StatusLine } from "./status-line.ts";
import { eachText, lossText } from "./whatif-report.ts";
import { type WhatifFlags, type WhatifRequest, whatifRequest } from "./whatif-request.ts";

/**
 * `sim whatif`: what a loss does to a real cluster that was exported, by simulated runs of it.
 * @throws WrongInput
 */
export async function whatifCommand(file: string, flags: WhatifFlags): Promise<number> {
  const cluster = parseExport(textOf(file));
  if ("wrong" in cluster) throw new WrongInput(`${file}: ${cluster.wrong}`);
  const names = new MachineNames(cluster);
  const request = whatifRequest(cluster, names, flags);
  const { losses, out } = request;
  const plans = losses.map((loss) => checkedPlan(file, cluster, names, loss));
  if (out !== null) return writeScenario(file, out, plans[0] as LossPlan);
  const { answers, isInterrupted } = await interruptible((interruption) =>
    answered(request, plans, names, interruption),
  );
  if (request.json) print(`${JSON.stringify(answers)}\n`);
  else print(textOfAnswers(cluster, request, answers));
  return endCode(
    isInterrupted,
    answers.some(({ violation }) => violation !== null),
  );
}

function textOfAnswers(
  cluster: ExportedCluster,
  request: WhatifRequest,
  answers: readonly LossAnswer[],
): string {
  const colours = outputColours();
  const [only] = answers;
  if (request.isEach) return eachText(cluster, request, answers, colours);
  return only === undefined ? "" : lossText(cluster, request, only, colours);
}

function checkedPlan(
  file: string,
  cluster: ExportedCluster,
  names: MachineNames,
  loss: Loss,
): LossPlan {
  const made = planOfCluster(cluster, names, loss);
  const problems = checkScenario(made.plan);
  if (problems.length > 0) throw new WrongInput(problemsText(file, problems));
  return made;
}

function writeScenario(file: string, out: string, { plan }: LossPlan): number {
  checkOutFile("--out", out, [{ path: file, what: "the export" }]);
  const source = printScenario(plan, `Written by sim whatif from ${file}.`);
  const problem = writeOut("--out", out, source);
  if (problem !== null) throw new WrongInput(problem);
  print(`${out}: sim run, explore and --tui take it as any other scenario\n`);
  return endCode(false, false);
}

/** One loss after the other; the interruption ends it with those that are done. */
async function answered(
  { losses, seeds, isEach }: WhatifRequest,
  plans: readonly LossPlan[],
  { shown }: MachineNames,
  interruption: AbortSignal,
) {
  const line = new StatusLine();
  const answers: LossAnswer[] = [];
  for (const [at, loss] of losses.entries()) {
    const outcomes: LossOutcome[] = [];
    for (let seed = 1; seed <= seeds && !interruption.aborted; seed += 1) {
      line.show(() => progressText(loss, seed, { at, of: losses.length, seeds, isEach }));
      outcomes.push(outcomeOfLoss(plans[at] as LossPlan, String(seed), loss.watched));
      await nextTurn();
    }
    const [first, ...others] = outcomes;
    if (first !== undefined) answers.push(answerOf(loss, [first, ...others], shown));
  }
  line.clear();
  return { answers, isInterrupted: interruption.aborted };
}

interface Place {
  readonly at: number;
  readonly of: number;
  readonly seeds: number;
  readonly isEach: boolean;
}

function progressText({ lost, cut }: Loss, seed: number, place: Place): string {
  const which = place.isEach ? `${place.at + 1} of ${place.of}, ` : "";
  return `${[...lost, ...cut].join(", ")}: ${which}run ${seed} of ${place.seeds}`;
}
