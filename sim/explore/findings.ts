import { z } from "zod";
import { parsedJson } from "../../core/base/json.ts";
import { allSituations } from "../world/board.ts";
import { stateBits } from "./coverage.ts";

/**
 * What an exploration, or a shard of one, has come to: written by `sim explore --json`, joined by
 * `sim merge`.
 */
export interface Findings {
  readonly format: "simswarm-findings";
  readonly version: 1;
  readonly scenarios: readonly string[];
  /** Of all shards together the first trial has this seed. */
  readonly firstSeed: number;
  /** Such as `2/8`; several after a merge. */
  readonly shards: readonly string[];
  readonly runs: number;
  readonly failed: number;
  /** Simulated time, and how long it took; of several shards the sum. */
  readonly simulatedSeconds: number;
  readonly wallSeconds: number;
  readonly events: number;
  /** The first of those that failed. */
  readonly failures: readonly Finding[];
  /** Of each rare situation, in how many runs it was reached. */
  readonly board: Readonly<Record<string, number>>;
  /** Those of the board that must be reached. */
  readonly must: readonly string[];
  /** Which states were reached: one bit each, in base 64, deflated. */
  readonly states: string;
}

export interface Finding {
  readonly scenario: string;
  readonly seed: string;
  readonly invariant: string;
  readonly at: number;
  readonly detail: string;
  /** The file that shows it again; null when it could not be written. */
  readonly file: string | null;
}

const shape = z.object({
  format: z.literal("simswarm-findings"),
  version: z.literal(1),
  scenarios: z.array(z.string()),
  firstSeed: z.number().int(),
  shards: z.array(z.string().regex(/^\d{1,6}\/\d{1,6}$/)).min(1),
  runs: z.number().int().nonnegative(),
  failed: z.number().int().nonnegative(),
  simulatedSeconds: z.number().nonnegative(),
  wallSeconds: z.number().nonnegative(),
  events: z.number().int().nonnegative(),
  failures: z.array(
    z.object({
      scenario: z.string(),
      seed: z.string(),
      invariant: z.string(),
      at: z.number(),
      detail: z.string(),
      file: z.string().nullable(),
    }),
  ),
  board: z.record(z.string(), z.number().int().positive()),
  must: z.array(z.string()),
  states: z.string(),
});

/** What the text of such a file says; in words what is wrong where it is not one. */
export function parseFindings(text: string): Findings | { readonly wrong: string } {
  const value = parsedJson(text);
  if (value === undefined) return { wrong: "this is not JSON" };
  const parsed = shape.safeParse(value);
  if (parsed.success) return parsed.data;
  const [first] = parsed.error.issues;
  const key = String(first?.path[0] ?? "format");
  if (key === "format") return { wrong: "this is not what sim explore --json has printed" };
  return { wrong: `no findings of sim explore: ${key}: ${first?.message}` };
}

/** The findings of several shards as those of one exploration; their states come as bits. */
export function joined(
  parts: readonly Findings[],
  states: string,
): Findings | { readonly wrong: string } {
  const [first] = parts;
  if (first === undefined) return { wrong: "there is nothing to join" };
  for (const part of parts) {
    const isSame = part.scenarios.join() === first.scenarios.join();
    if (isSame && part.firstSeed === first.firstSeed) continue;
    return { wrong: "these are not shards of one exploration: scenarios or first seeds differ" };
  }
  const shards = parts.flatMap((part) => part.shards);
  const twice = shards.find((shard, at) => shards.indexOf(shard) !== at);
  if (twice !== undefined) return { wrong: `shard ${twice} comes twice` };
  if (new Set(shards.map(countOf)).size > 1) {
    return { wrong: `these are not shards of one exploration: ${shards.join(" and ")}` };
  }
  const sum = (of: (part: Findings) => number) =>
    parts.reduce((total, part) => total + of(part), 0);
  const board = new Map<string, number>();
  for (const part of parts) {
    for (const [name, runs] of Object.entries(part.board)) {
      board.set(name, (board.get(name) ?? 0) + runs);
    }
  }
  return {
    ...first,
    shards,
    runs: sum(({ runs }) => runs),
    failed: sum(({ failed }) => failed),
    simulatedSeconds: sum(({ simulatedSeconds }) => simulatedSeconds),
    wallSeconds: sum(({ wallSeconds }) => wallSeconds),
    events: sum(({ events }) => events),
    failures: parts.flatMap(({ failures }) => failures),
    board: sortedRecord(board),
    must: [...new Set(parts.flatMap(({ must }) => must))],
    states,
  };
}

/** The shards of the exploration that are not among these, in order. */
export function missingShards({ shards }: Pick<Findings, "shards">): string[] {
  const count = countOf(shards[0] ?? "");
  const all = Array.from({ length: count }, (_, at) => `${at + 1}/${count}`);
  return all.filter((shard) => !shards.includes(shard));
}

/** How many there are of a shard such as `1/8`. */
function countOf(shard: string): number {
  return Number(shard.split("/")[1] ?? 0);
}

/** What must be reached and was not. */
export function missed({ board, must }: Pick<Findings, "board" | "must">): string[] {
  return must.filter((name) => (board[name] ?? 0) === 0);
}

export function sortedRecord(counts: ReadonlyMap<string, number>): Record<string, number> {
  return Object.fromEntries([...counts].sort(([left], [right]) => (left < right ? -1 : 1)));
}

/** The situations of the catalogue, as a must of every exploration that asks for all. */
export const catalogue: readonly string[] = Object.keys(allSituations);

/** Bytes of the bits of all states. */
export const stateBytes = 1 << (stateBits - 3);
