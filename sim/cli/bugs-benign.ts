import type { Colors } from "picocolors/types.js";
import { counted, grouped } from "../../core/observe/numbers.ts";
import { type BenignMutant, benignMutants } from "../raft/benign.ts";
import type { Alarm, BenignBlock } from "./benign-worker.ts";
import type { BugsRequest } from "./bugs-request.ts";
import { worksInvariant } from "./outcome.ts";
import { endCode, print } from "./output.ts";
import { Progress } from "./progress.ts";
import { verdictWord } from "./report.ts";
import { type Jobs, runOnEveryCore } from "./runner.ts";
import { blockAt, blockCount, countOf } from "./seed-blocks.ts";
import { columns, oneLine } from "./words.ts";

type Benign = Extract<BugsRequest, { kind: "benign" }>;

/** What became of one harmless change. */
export interface BenignReport {
  /** `none` for members as they are. */
  readonly change: BenignMutant | "none";
  seeds: number;
  readonly alarms: Alarm[];
}

const alarmsShown = 10;

/** Runs worlds in which nothing may break: the exit code. */
export async function checkBenign(request: Benign, colours: Colors): Promise<number> {
  const reports = (["none", ...benignMutants] as const).map(
    (change): BenignReport => ({ change, seeds: 0, alarms: [] }),
  );
  const progress = new Progress(reports.length * countOf(request.seeds));
  const jobs = blocksOf(request, reports);
  const isInterrupted = await runOnEveryCore(jobs, (alarms, index) => {
    const block = jobs.at(index);
    const report = reports[Math.floor(index / blockCount(request.seeds))] as BenignReport;
    report.seeds += countOf(block);
    report.alarms.push(...alarms);
    for (let seed = block.first; seed <= block.last; seed += 1) {
      progress.add(alarms.some((alarm) => alarm.seed === seed));
    }
  });
  progress.clear();
  const made = reports.filter(({ seeds }) => seeds > 0);
  print(request.json ? made.map(benignJson).join("") : benignText(made, colours));
  return endCode(
    isInterrupted,
    made.some(({ alarms }) => alarms.length > 0),
  );
}

function blocksOf({ seeds }: Benign, reports: readonly BenignReport[]) {
  const perChange = blockCount(seeds);
  const jobs: Jobs<BenignBlock, Alarm[]> = {
    module: new URL("./benign-worker.js", import.meta.url),
    workerData: null,
    count: reports.length * perChange,
    at: (index) => {
      const { change } = reports[Math.floor(index / perChange)] as BenignReport;
      return { mutant: change === "none" ? null : change, ...blockAt(index % perChange, seeds) };
    },
    lost: ({ first: seed }, error) => [
      { seed, invariant: worksInvariant, detail: `from this seed on: ${error}` },
    ],
  };
  return jobs;
}

function benignJson(report: BenignReport): string {
  return `${JSON.stringify(report)}\n`;
}

/** The table, the alarms below it, and the verdict. */
export function benignText(reports: readonly BenignReport[], colours: Colors): string {
  const rows = reports.map(({ change, seeds, alarms }) => [
    ...[change, grouped(seeds), grouped(alarms.length)],
  ]);
  const table = columns([["harmless change", "seeds", "alarms"], ...rows]);
  const runs = reports.reduce((sum, { seeds }) => sum + seeds, 0);
  const alarms = reports.reduce((sum, report) => sum + report.alarms.length, 0);
  const word = verdictWord(alarms === 0 ? "pass" : "fail", colours);
  const verdict = `${word}  ${counted(runs, "run")}, ${counted(alarms, "alarm")}`;
  return `${[...table, "", ...reports.flatMap(alarmLines), verdict].join("\n")}\n`;
}

function alarmLines({ change, alarms }: BenignReport): string[] {
  const lines = alarms
    .slice(0, alarmsShown)
    .map((alarm) => `${change}, seed ${alarm.seed}: ${alarm.invariant}: ${oneLine(alarm.detail)}`);
  const more = alarms.length - alarmsShown;
  return more > 0 ? [...lines, `${change}: and ${grouped(more)} more`] : lines;
}
