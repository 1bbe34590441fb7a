import type { Colors } from "picocolors/types.js";
import { counted, grouped } from "../../core/observe/numbers.ts";
import type { RunResult, ServiceReport, Violation } from "../result.ts";
import type { ScenarioPlan } from "../scenario/dsl.ts";
import { columns, oneLine, paragraphs, secondsText, wrapped } from "./words.ts";

/** What is said before a run's story begins. */
export function headText({ name, story }: ScenarioPlan, seed: string, colours: Colors): string {
  return `${colours.bold(oneLine(name))}, seed ${seed}\n${oneLine(story)}\n\n`;
}

/** What one run came to: figures, services, invariants, and the verdict at the end. */
export function reportText(result: RunResult, command: string, colours: Colors): string {
  const blocks = [
    figures(result),
    services(result.services),
    refusals(result.refused),
    invariants(result.checks),
    [verdictLine(result, colours), ...broken(result, command, colours)],
  ];
  return `\n${paragraphs(blocks)}\n`;
}

/** What one run came to, on one line; below it what broke, if anything did. */
export function quietText(result: RunResult, command: string, colours: Colors): string {
  return `${[verdictLine(result, colours), ...broken(result, command, colours)].join("\n")}\n`;
}

/** What broke, where and when, in one line. */
export function violationText({ invariant, at, node, detail }: Violation): string {
  const place = node === null ? "" : ` on ${node}`;
  return `${invariant} broke at ${secondsText(at, 3)}${place}: ${oneLine(detail)}`;
}

function figures(result: RunResult): string[] {
  const { events, simulatedSeconds, wallSeconds, messages, elections } = result;
  const perSecond = wallSeconds > 0 ? events / wallSeconds : 0;
  const ratio = wallSeconds > 0 ? simulatedSeconds / wallSeconds : 0;
  return [
    `events      ${grouped(events)} handled, ${grouped(perSecond)} a second`,
    `time        ${secondsText(simulatedSeconds)} simulated in ${secondsText(wallSeconds, 2)}, ` +
      `${grouped(ratio)} times as fast`,
    `messages    ${grouped(messages.sent)} sent, ${grouped(messages.dropped)} dropped`,
    `elections   ${grouped(elections)}`,
    `recovery    ${recoveryText(result)}`,
  ];
}

/** When the cluster was as it is wanted again, or why that is not known. */
export function recoveryText({ recovery: { took, bound }, verdict }: RunResult): string {
  if (took !== null)
    return `${secondsText(took)} after the last fault, bound ${secondsText(bound)}`;
  if (verdict === "fail") return "not reached";
  return "not waited for: the run was to stop before";
}

function services(reports: RunResult["services"]): string[] {
  const rows = Object.entries(reports).map(([name, report]) => serviceRow(name, report));
  if (rows.length === 0) return [];
  return columns([["service", "wanted", "running", "lowest", "time below", "starts"], ...rows]);
}

function refusals(refused: RunResult["refused"]): string[] {
  return Object.entries(refused).map(([node, why]) => `${node} refuses to start: ${oneLine(why)}`);
}

function serviceRow(name: string, report: ServiceReport): string[] {
  const { wanted, running, lowestRunning, secondsBelow, starts } = report;
  const lowest = lowestRunning === null ? "-" : grouped(lowestRunning);
  const figures = [wanted, running].map((count) => grouped(count));
  return [name, ...figures, lowest, secondsText(secondsBelow), grouped(starts)];
}

function invariants(checks: RunResult["checks"]): string[] {
  const all = Object.entries(checks);
  const met = all.filter(([, count]) => count > 0);
  const rows = met.map(([name, count]) => [name, grouped(count)]);
  const idle = all.filter(([, count]) => count === 0).map(([name]) => name);
  const unmet = idle.length === 0 ? [] : wrapped(`nothing to check for ${idle.join(", ")}`);
  return all.length === 0 ? [] : [...columns([["invariant", "checked"], ...rows]), ...unmet];
}

function verdictLine({ verdict, scenario, seed, digest }: RunResult, colours: Colors): string {
  return `${verdictWord(verdict, colours)}  ${oneLine(scenario)}, seed ${seed}, digest ${digest}`;
}

/** `PASS` or `FAIL`, in its colour. */
export function verdictWord(verdict: RunResult["verdict"], colours: Colors): string {
  return verdict === "pass" ? colours.green("PASS") : colours.red("FAIL");
}

function broken(result: RunResult, command: string, colours: Colors): string[] {
  const { verdict, violations, source, lastEvents, evidence } = result;
  if (verdict === "pass") return [];
  const last = lastEvents.map(indented);
  return [
    "",
    ...violations.flatMap((violation) => violationLines(violation, source, colours)),
    ...(evidence.length === 0 ? [] : ["  what is known of it:", ...evidence.map(indented), ""]),
    ...(last.length === 0 ? [] : [`  the last ${counted(last.length, "event")}:`, ...last, ""]),
    "  to see it again:",
    `    ${command}`,
  ];
}

function indented(line: string): string {
  return line === "" ? "" : `    ${line}`;
}

function violationLines(
  { invariant, at, node, detail }: Violation,
  source: string | null,
  colours: Colors,
): string[] {
  return [
    `  broken   ${colours.red(invariant)}`,
    ...(source === null ? [] : [`  source   ${source}`]),
    `  at       ${secondsText(at, 6)}`,
    ...(node === null ? [] : [`  node     ${node}`]),
    `  detail   ${oneLine(detail)}`,
    "",
  ];
}
