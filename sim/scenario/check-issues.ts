import type { z } from "zod";
import { listed, type ScenarioProblem, shown, suggestion } from "./check-problem.ts";

/** Turns what the schema says into what the author of a scenario understands. */

type Issue = z.core.$ZodIssue;
type Path = readonly PropertyKey[];

/** The problems of one issue; several where several keys are unknown. */
export function problemsOf(issue: Issue, plan: unknown): ScenarioProblem[] {
  const path = issue.path;
  const bare = bareWord(issue, plan);
  if (bare !== null) return [bare];
  switch (issue.code) {
    case "custom":
      return [problem(plan, path, issue.message, String(issue.params?.help))];
    case "unrecognized_keys": {
      const helps = issue.message.split("\n");
      return issue.keys.map((key, at) =>
        problem(plan, path, `unknown key ${shown(key)}`, helps[at] ?? ""),
      );
    }
    case "invalid_union":
      return issue.discriminator === undefined
        ? ofUnion(issue, plan)
        : [ofChoice(issue.discriminator, optionsOf(issue), path, plan)];
    case "invalid_value":
      return [ofChoice("value", issue.values, path, plan)];
    case "too_big":
    case "too_small":
      return [ofType(kindNamed("tuple"), path, plan)];
    default:
      return [ofType(kindOf(issue), path, plan)];
  }
}

/** An action that stands in place of a step, or a goal in that of an expectation. */
function bareWord({ path }: Issue, plan: unknown): ScenarioProblem | null {
  const [list, index] = path;
  if (typeof index !== "number") return null;
  const item = valueAt(plan, [String(list), index]);
  const where = `${String(list)}[${index}]`;
  const { do: action, goal } = Object(item);
  if (list === "steps" && typeof action === "string") {
    const help = `write when: at("20s", ...) around it`;
    return { where, reason: `${action} is to happen at no time`, help };
  }
  if (list !== "expect" || typeof goal !== "string") return null;
  const help = "write when: eventually(...) or always(...) around it";
  return { where, reason: `"${goal}" is expected at no time`, help };
}

/** A union without a discriminator: the alternative that is of the right kind says more. */
function ofUnion(issue: Issue & { code: "invalid_union" }, plan: unknown): ScenarioProblem[] {
  for (const issues of issue.errors) {
    if (issues.some(isAboutItself)) continue;
    return issues.flatMap((inner) =>
      problemsOf({ ...inner, path: [...issue.path, ...inner.path] }, plan),
    );
  }
  const wanted = issue.errors.map((issues) => kindOf(issues.find(isAboutItself)));
  const expected = `expected ${listed(
    wanted.map(([name]) => name),
    "or",
  )}`;
  const given = valueAt(plan, issue.path);
  const reason =
    given === undefined ? `is missing, ${expected}` : `${expected}, got ${shown(given)}`;
  const help = wanted.map((kind) => helpWith(kind, given)).join("; or ");
  return [problem(plan, issue.path, reason, help)];
}

function optionsOf(issue: Issue & { code: "invalid_union" }): readonly unknown[] {
  return "options" in issue ? (issue.options ?? []) : [];
}

function isAboutItself(issue: Issue): boolean {
  return issue.path.length === 0 && issue.code !== "custom" && issue.code !== "unrecognized_keys";
}

function kindOf(issue: Issue | undefined): Kind {
  if (issue?.code === "invalid_value") {
    const values = listed(issue.values.map(shown), "or");
    return [values, `write ${values}`];
  }
  const [own, help] = issue?.message.split("\n") ?? [];
  if (own !== undefined && help !== undefined) return [own, help];
  return kindNamed(issue !== undefined && "expected" in issue ? String(issue.expected) : "");
}

function kindNamed(expected: string): Kind {
  return kinds.get(expected) ?? ["something else", "see the scenario language"];
}

/** What a type is called, and how it is written. */
type Kind = readonly [name: string, help: string];

const kinds = new Map<string, Kind>([
  ["string", ["text", "write it in quotes"]],
  ["number", ["a number", "write a plain number"]],
  ["boolean", ["true or false", "write true or false"]],
  ["array", ["a list", "write it in square brackets: [a, b]"]],
  ["tuple", ["a list of two", "write it as [lowest, highest]"]],
  ["object", ["an object", "write it in braces: { key: value }"]],
  ["record", ["an object", "write it in braces: { key: value }"]],
]);

/** How it is written, for who has written `given`. */
function helpWith([name, help]: Kind, given: unknown): string {
  const isQuoted = typeof given === "string" && (name === "a number" || name === "true or false");
  return isQuoted ? `${help}, without quotes` : help;
}

function ofType(kind: Kind, path: Path, plan: unknown): ScenarioProblem {
  const [name, help] = kind;
  const given = valueAt(plan, path);
  if (given === undefined) return problem(plan, path, `is missing, expected ${name}`, help);
  const calls =
    typeof given === "function" ? "call it, with its parentheses" : helpWith(kind, given);
  return problem(plan, path, `expected ${name}, got ${shown(given)}`, calls);
}

function ofChoice(
  what: string,
  options: readonly unknown[],
  path: Path,
  plan: unknown,
): ScenarioProblem {
  const given = valueAt(plan, path);
  const known = options.map(String);
  const reason = given === undefined ? "is missing" : `unknown ${nounOf(what)} ${shown(given)}`;
  const word = typeof given === "string" ? given : shown(given);
  return problem(plan, path, reason, suggestion(word, known, what));
}

function nounOf(discriminator: string): string {
  switch (discriminator) {
    case "do":
      return "action";
    case "expect":
      return "expectation";
    default:
      return discriminator;
  }
}

function valueAt(plan: unknown, path: Path): unknown {
  return path.reduce<unknown>(
    (value, key) =>
      value === null || value === undefined ? undefined : Reflect.get(Object(value), key),
    plan,
  );
}

function problem(plan: unknown, path: Path, reason: string, help: string): ScenarioProblem {
  const { where, field } = anchor(plan, path);
  return { where, reason: field === "" ? reason : `${field}: ${reason}`, help };
}

/** The part of the plan that an author would look for, and the field within it. */
function anchor(plan: unknown, path: Path): { where: string; field: string } {
  const [first, second, third] = path;
  const item = Reflect.get(Object(valueAt(plan, [first ?? ""])), second ?? "");
  if (first === undefined) return { where: "scenario", field: "" };
  if (typeof second === "number") {
    const rest = path.slice(path[2] === "action" ? 3 : 2);
    return { where: whereOf(String(first), second, item), field: dotted(rest) };
  }
  if (first === "topology" && typeof third === "number") {
    return { where: `topology.${String(second)}[${third}]`, field: dotted(path.slice(3)) };
  }
  return { where: String(first), field: dotted(path.slice(1)) };
}

/** `steps[2] at 40s partition`, `services[0] "web"`, `expect[1] eventually`. */
export function whereOf(list: string, index: number, item: unknown): string {
  const place = `${list}[${index}]`;
  const text = (...path: string[]) => {
    const found = valueAt(item, path);
    return typeof found === "string" ? found : null;
  };
  switch (list) {
    case "steps":
      return [place, ...optional("at ", text("at")), ...optional("", text("action", "do"))].join(
        " ",
      );
    case "services": {
      const name = text("name");
      return name === null ? place : `${place} ${shown(name)}`;
    }
    default:
      return [place, ...optional("", text("expect"))].join(" ");
  }
}

function optional(before: string, word: string | null): string[] {
  return word === null ? [] : [`${before}${word}`];
}

function dotted(path: Path): string {
  return path
    .map((key, at) => (typeof key === "number" ? `[${key}]` : `${at > 0 ? "." : ""}${String(key)}`))
    .join("");
}
