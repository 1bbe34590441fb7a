import type { Colors } from "picocolors/types.js";
import { counted, grouped } from "../../core/observe/numbers.ts";
import { type Finding, type Findings, missed, missingShards } from "../explore/findings.ts";
import { allSituations } from "../world/board.ts";
import { verdictWord } from "./report.ts";
import { columns, oneLine, secondsText } from "./words.ts";

const failuresShown = 20;
const shardsShown = 8;

/** Whether all went well: nothing broke, and nothing was missed. */
export function hasPassed(findings: Findings): boolean {
  return findings.failed === 0 && missed(findings).length === 0;
}

/** The board of rare situations, the failures and the figures of an exploration. */
export function findingsText(findings: Findings, states: number, colours: Colors): string {
  const { scenarios, shards, runs, failed, simulatedSeconds, wallSeconds, events } = findings;
  const perSecond = wallSeconds > 0 ? runs / wallSeconds : 0;
  const years = simulatedSeconds / (365 * 24 * 3600);
  const lines = [
    ...boardLines(findings, colours),
    "",
    ...failureLines(findings, colours),
    `scenarios   ${scenarios.length === 1 ? scenarios[0] : counted(scenarios.length, "scenario")}`,
    ...(shards.length === 1 && shards[0] === "1/1" ? [] : [shardsLine(findings)]),
    `runs        ${grouped(runs)}, ${grouped(perSecond, 1)} a second, ${grouped(failed)} failed`,
    `simulated   ${secondsText(simulatedSeconds)}, ${grouped(years, 3)} years of a cluster`,
    `events      ${grouped(events)}`,
    `states      ${grouped(states)} told apart`,
    `verdict     ${verdictOf(findings, colours)}`,
  ];
  return `${lines.join("\n")}\n`;
}

function shardsLine(findings: Findings): string {
  const missing = missingShards(findings);
  const left = missing.slice(0, shardsShown).join(" ");
  const more = missing.length > shardsShown ? " and more" : "";
  const note = missing.length === 0 ? "" : `; not among them: ${left}${more}`;
  return `shards      ${findings.shards.join(" ")}${note}`;
}

function boardLines({ board, must, runs }: Findings, colours: Colors): string[] {
  const names = [...new Set([...Object.keys(allSituations), ...Object.keys(board), ...must])];
  const rows = names.map((name) => [name, grouped(board[name] ?? 0), allSituations[name] ?? ""]);
  const told = columns([["rare situation", "runs", ""], ...rows.map(([n = "", c = ""]) => [n, c])]);
  return told.map((line, at) => {
    if (at === 0) return colours.bold(`${line} of ${grouped(runs)}`);
    const [name = "", , what] = rows[at - 1] as string[];
    const isReached = (board[name] ?? 0) > 0;
    const text = `${line}   ${what}`.trimEnd();
    if (isReached) return text;
    return must.includes(name) ? colours.red(text) : colours.dim(text);
  });
}

function failureLines({ failures, failed }: Findings, colours: Colors): string[] {
  const lines = failures
    .slice(0, failuresShown)
    .flatMap((failure) => failureText(failure, colours));
  const more = failed - Math.min(failures.length, failuresShown);
  if (more > 0) lines.push(`and ${counted(more, "failure")} more`);
  return lines.length === 0 ? [] : [...lines, ""];
}

function failureText(failure: Finding, colours: Colors): string[] {
  const { scenario, seed, invariant, at, detail, file } = failure;
  const what = `${colours.red(invariant)} broke at ${secondsText(at, 3)}: ${oneLine(detail)}`;
  return [`${scenario}, seed ${seed}: ${what}`, ...(file === null ? [] : [`  kept in ${file}`])];
}

function verdictOf(findings: Findings, colours: Colors): string {
  const names = missed(findings);
  const word = verdictWord(hasPassed(findings) ? "pass" : "fail", colours);
  return names.length === 0 ? word : `${word}, not reached: ${names.join(", ")}`;
}
