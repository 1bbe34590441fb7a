import { partingOf, type Side, sideOf } from "../explain/parting.ts";
import { plantedOf } from "../planted.ts";
import { recordRun } from "../record/recording.ts";
import { exitCodes, WrongInput } from "./exit-codes.ts";
import { linesIn } from "./in-file.ts";
import { print } from "./output.ts";
import { optionsOf, subjectOf } from "./subject.ts";
import { traceDifference } from "./trace-difference.ts";
import { columns } from "./words.ts";

export interface DiffFlags {
  readonly json?: boolean;
}

/**
 * `sim diff`: the first event at which two runs part, with the state of both sides. Each is a kept
 * failure, or a scenario with its seed as `FILE@SEED`; or both are traces. The exit code: 0 when
 * they are the same. @throws WrongInput
 */
export async function diffCommand(one: string, other: string, flags: DiffFlags): Promise<number> {
  const areTraces = [one, other].filter((file) => file.endsWith(".ndjson")).length;
  if (areTraces === 1) {
    throw new WrongInput(`${one} and ${other}: a trace is compared with a trace, a run with a run`);
  }
  const text = areTraces === 2 ? traces(one, other, flags) : await runs(one, other, flags);
  print(text ?? (flags.json === true ? "null\n" : "the same, to the last event\n"));
  return text === null ? exitCodes.passed : exitCodes.failed;
}

function traces(one: string, other: string, { json = false }: DiffFlags): string | null {
  const difference = traceDifference(
    () => linesIn(one),
    () => linesIn(other),
  );
  if (difference === null) return null;
  const { line, sides } = difference;
  if (json) return `${JSON.stringify({ line, sides })}\n`;
  const [left, right] = sides.map((side) => sideLines(side.line, side.known));
  const head = `they part at line ${line}`;
  return `${[head, "", one, ...(left ?? []), "", other, ...(right ?? [])].join("\n")}\n`;
}

async function runs(
  one: string,
  other: string,
  { json = false }: DiffFlags,
): Promise<string | null> {
  const [left, right] = [await recordingOf(one), await recordingOf(other)];
  const event = partingOf(left, right);
  if (event === null) return null;
  const sides = [sideOf(left, event), sideOf(right, event)] as const;
  if (json) return `${JSON.stringify({ event, sides })}\n`;
  const before = left.line(event - 1);
  const head = [`they part at event ${event}`, ...(before === null ? [] : [`both: ${before}`])];
  const [first, second] = sides.map(stateLines);
  return `${[...head, "", one, ...(first ?? []), "", other, ...(second ?? [])].join("\n")}\n`;
}

async function recordingOf(name: string) {
  const at = name.lastIndexOf("@");
  const isKept = name.endsWith(".json");
  if (!isKept && (at <= 0 || at === name.length - 1)) {
    throw new WrongInput(
      `${name}: name a kept failure, .json, a trace, .ndjson, or a scenario and seed as FILE@SEED`,
    );
  }
  const subject = isKept
    ? await subjectOf(name, {})
    : await subjectOf(name.slice(0, at), { seed: name.slice(at + 1) });
  return recordRun(subject.plan, subject.seed, optionsOf(subject), plantedOf(subject.bug));
}

function stateLines({ line, nodes, store, tasks }: Side): string[] {
  const rows = nodes.map(({ node, role, term, commit }) => [
    ...[node, role, term === null ? "-" : `${term}`, commit === null ? "-" : `${commit}`],
  ]);
  const counts = Object.entries(tasks).map(([state, count]) => `${count} ${state}`);
  return [
    `  ${line ?? "is over"}`,
    ...columns([["node", "role", "term", "commit"], ...rows], 2).map((text) => `    ${text}`),
    `    store ${store}, tasks: ${counts.join(", ") || "none"}`,
  ];
}

function sideLines(line: string | null, known: readonly string[]): string[] {
  return [`  ${line ?? "is over"}`, ...known.map((text) => `    ${text}`)];
}
