import { sortedText } from "../../core/base/order.ts";
import { grouped } from "../../core/observe/numbers.ts";
import type { SourceMoment, ViolationFrame } from "../../core/observe/source.ts";
import { type Line, type Span, span } from "../line.ts";
import type { Look } from "../look.ts";
import { fact, heading, longFact } from "../parts/facts.ts";
import { type Column, table } from "../parts/table.ts";
import { view } from "../view.ts";
import { secondsText } from "../words.ts";

interface Invariant {
  readonly name: string;
  /** How often it was held against what happened. */
  readonly checks: number;
  readonly violations: readonly ViolationFrame[];
}

/** What must always hold: how often it was looked at, and what broke; the broken ones first. */
export const invariantsView = view<Invariant>({
  name: "invariants",
  title: "Invariants",
  items: invariantsOf,
  id: ({ name }) => name,
  words: ({ name, violations }) =>
    `${name} ${violations.length === 0 ? "holds" : "broken"} ` +
    violations.map(({ detail }) => detail).join(),
  draw: (scene) => table(columns, scene),
  details: invariantDetails,
  nothing: ({ playback }) =>
    playback === null
      ? "Invariants are checked in simulations: sim run --tui shows one."
      : "Nothing has been checked yet.",
});

function invariantsOf({ frame: { checks }, violations }: SourceMoment): Invariant[] {
  const names = new Set([...violations.map(({ invariant }) => invariant), ...Object.keys(checks)]);
  const all = sortedText(names).map((name) => ({
    name,
    checks: checks[name] ?? 0,
    violations: violations.filter(({ invariant }) => invariant === name),
  }));
  const isBroken = (each: Invariant) => each.violations.length > 0;
  return [...all.filter(isBroken), ...all.filter((each) => !isBroken(each))];
}

const columns: readonly Column<Invariant>[] = [
  { title: "INVARIANT", width: 32, text: nameOf },
  {
    title: "CHECKED",
    width: 10,
    align: "right",
    text: ({ checks }) => span(grouped(checks), checks === 0 ? "quiet" : "plain"),
  },
  { title: "", width: 0, text: verdictOf },
];

function nameOf({ name, checks, violations }: Invariant, { symbols }: Look): Line {
  if (violations.length > 0) return [span(`${symbols.broken} ${name}`, "bad")];
  const sign = checks === 0 ? span(symbols.dot, "quiet") : span(symbols.ok, "good");
  return [sign, span(` ${name}`)];
}

function verdictOf({ violations, checks }: Invariant): Span {
  const [first] = violations;
  if (first === undefined) return span(checks === 0 ? "not yet checked" : "holds", "quiet");
  return span(`broke at ${whereOf(first)}: ${first.detail}`, "bad");
}

function whereOf({ at, node }: ViolationFrame): string {
  return `${secondsText(at)}${node === null ? "" : ` on ${node}`}`;
}

function invariantDetails(
  invariant: Invariant,
  _moment: SourceMoment,
  _look: Look,
  width: number,
): Line[] {
  const { name, checks, violations } = invariant;
  const broken = violations.flatMap((violation) => [
    ...heading("Broken"),
    fact("at", secondsText(violation.at, 6)),
    fact("node", violation.node ?? "no one in particular"),
    ...longFact("what", violation.detail, width, "bad"),
  ]);
  const verdict = violations.length > 0 ? [] : [fact("verdict", verdictOf(invariant))];
  return [[span(name, "strong")], fact("checked", grouped(checks)), ...verdict, ...broken];
}
