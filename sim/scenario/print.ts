import { isEqual } from "../../core/base/equal.ts";
import * as dsl from "./dsl.ts";
import { call, layout, list, literal, record, type Source } from "./source-text.ts";

/**
 * Writes a plan back as the source of a scenario file, in the words that a person would use.
 *
 * An action is written as the call of a word. Which word that is, is found by trying: the calls
 * that the action's own name and fields suggest are made, and the first that gives the same action
 * is written. One for which there is no word is written as the object that it is, so what is
 * printed always says the same as the plan.
 */
export function printScenario(plan: dsl.ScenarioPlan, comment = ""): string {
  const words = new Set<string>(["scenario"]);
  const body = call("scenario", [planSource(plan, words)]);
  const text = layout(body, "export default ".length);
  const imports = layout(
    record([...words].sort((left, right) => (left < right ? -1 : 1)).map((word) => [word, word])),
  );
  const imported = imports.replace(/(\w+): \1/g, "$1");
  const head = comment === "" ? "" : `${comment.replace(/^/gm, "// ").trimEnd()}\n`;
  return `import ${imported} from "simswarm/scenario";\n\n${head}export default ${text};\n`;
}

type Words = Set<string>;

/** The fields in the order of the language, whatever order they came in. */
const fields = [
  ...["name", "story", "topology", "networks", "services", "steps", "chaos", "core", "recoverAt"],
  ...["countFrom", "clients", "sickImages", "expect"],
] as const satisfies readonly (keyof dsl.ScenarioPlan)[];

function planSource(plan: dsl.ScenarioPlan, words: Words): Source {
  const present = fields.filter((field) => plan[field] !== undefined);
  return record(present.map((field) => [field, fieldSource(plan, field, words)]));
}

function fieldSource(plan: dsl.ScenarioPlan, field: (typeof fields)[number], words: Words): Source {
  switch (field) {
    case "services":
      return list(plan.services.map((service) => serviceSource(service, words)));
    case "steps":
      return list((plan.steps ?? []).map((step) => stepSource(step, words)));
    case "expect":
      return list(plan.expect.map((expectation) => expectationSource(expectation, words)));
    default:
      return literal(plan[field]);
  }
}

function serviceSource({ name, ...plan }: dsl.NamedService, words: Words): Source {
  words.add("service");
  return call("service", [literal(name), literal(plan)]);
}

function stepSource({ at, action }: dsl.Step, words: Words): Source {
  words.add("at");
  return call("at", [literal(at), actionSource(action, words)]);
}

function actionSource(action: dsl.Action, words: Words): Source {
  if ("by" in action && action.by !== undefined) {
    const { by, ...command } = action;
    words.add("by");
    return call("by", [literal(by), actionSource(command as dsl.Command, words)]);
  }
  if (action.do === "create") {
    words.add("create");
    return call("create", [serviceSource(action.service, words)]);
  }
  return wordSource(action, action.do, words);
}

function expectationSource(expectation: dsl.Expectation, words: Words): Source {
  if (expectation.expect === "availability") {
    const { expect: _kind, service, ...bounds } = expectation;
    words.add("availability");
    return call("availability", [literal(service), literal(bounds)]);
  }
  const { expect } = expectation;
  words.add(expect);
  if ("situation" in expectation) return call(expect, [literal(expectation.situation)]);
  const { goal } = expectation;
  return call(expect, [wordSource(goal, goal.goal, words)]);
}

/** A call that makes just this value; the value itself where no word makes it. */
function wordSource(value: object, kind: string, words: Words): Source {
  for (const { word, args } of suggested(value, kind)) {
    if (!isEqual(made(word, args), value)) continue;
    words.add(word);
    return call(word, args.map(literal));
  }
  return literal(value);
}

interface Suggestion {
  readonly word: string;
  readonly args: readonly unknown[];
}

/** Words that are not called as the action is. */
const otherWords: Readonly<Record<string, readonly string[]>> = {
  availability: ["drain", "activate", "pauseScheduling"],
  role: ["promote", "demote", "isManager", "isWorker", "isGone"],
  "create-file": ["createSecret", "createConfig"],
  "remove-file": ["removeSecret", "removeConfig"],
  "label-file": ["labelSecret", "labelConfig"],
};

/**
 * Calls with some of the value's fields as arguments: the first few, the last few, or the first
 * few and an object of the others.
 */
function suggested(value: object, kind: string): Suggestion[] {
  const [, ...all] = Object.entries(value).filter(([, field]) => field !== undefined);
  const plain = all.filter(([key]) => key !== "oneWay");
  const values = (some: typeof all) => some.map(([, field]) => field);
  const calls = [0, ...plain.keys()].flatMap((at) => [
    values(plain.slice(0, at + 1)),
    values(plain.slice(at)),
    [...values(plain.slice(0, at)), Object.fromEntries(plain.slice(at))],
    [...values(plain.slice(0, at)), Object.fromEntries(all.slice(at))],
  ]);
  const named = camelCase(kind);
  const words = [named, `${named}OneWay`, ...(otherWords[kind] ?? [])];
  return words.flatMap((word) => [...calls, values(all)].map((args) => ({ word, args })));
}

/** What the call gives; null when there is no such word, or it can't be called so. */
function made(word: string, args: readonly unknown[]): unknown {
  const make: unknown = Reflect.get(dsl, word);
  if (typeof make !== "function") return null;
  try {
    return make(...args);
  } catch {
    return null;
  }
}

function camelCase(kind: string): string {
  return kind.replace(/-(\w)/g, (_, letter: string) => letter.toUpperCase());
}
