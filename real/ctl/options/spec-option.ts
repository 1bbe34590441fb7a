import { Option } from "commander";
import type { ContainerSpec } from "../../../core/model/container-spec.ts";
import type { ServiceSpec } from "../../../core/model/service.ts";
import type { Placement, TaskSpec } from "../../../core/model/task-spec.ts";
import { collected } from "../../command-line/units.ts";
import type { Known } from "./service-words.ts";

/** Help has them below this. */
export const swarmkitsNames = "SwarmKit's names:";

/** What one option of `service create` and `service update` does to the spec. */
export interface SpecOption {
  readonly option: Option;
  readonly apply: (spec: ServiceSpec, value: never, known: Known) => ServiceSpec;
  /** The command that alone has it; left out: both. */
  readonly only?: "create" | "update";
}

type Apply<T> = (spec: ServiceSpec, value: T, known: Known) => ServiceSpec;

export function one<T>(
  flags: string,
  about: string,
  parse: (text: string) => T,
  apply: Apply<T>,
): SpecOption {
  return { option: new Option(flags, about).argParser(parse), apply };
}

export function choice<T extends string>(
  flags: string,
  about: string,
  values: readonly T[],
  apply: Apply<T>,
): SpecOption {
  return { option: new Option(flags, about).choices([...values]), apply };
}

export function several(flags: string, about: string, apply: Apply<readonly string[]>): SpecOption {
  return { option: new Option(flags, about).argParser(collected), apply };
}

/** `--tty`, and `--no-tty` to take it back. */
export function flag(flags: string, about: string, apply: Apply<boolean>): readonly SpecOption[] {
  const option = new Option(flags, about);
  const no = new Option(`--no-${option.name()}`).hideHelp();
  return [
    { option, apply },
    { option: no, apply, only: "update" },
  ];
}

/** Where a list lies in a spec, and what is in it. */
export interface ListIn<T> {
  readonly of: (spec: ServiceSpec) => readonly T[];
  readonly with: (spec: ServiceSpec, items: readonly T[]) => ServiceSpec;
  readonly parse: (word: string, known: Known) => T;
  /** What `...-rm` removes by, and `...-add` replaces by. */
  readonly keyOf: (item: T) => string;
  /** What `...-add` replaces by, where that is something else. */
  readonly sameBy?: (item: T) => string;
  /** What help calls the key. */
  readonly key: string;
  /** The key in what `...-rm` is told; left out: that is the key. */
  readonly keyIn?: (word: string, known: Known) => string;
}

/** `--env`, which names the whole list, and Docker's `--env-add` and `--env-rm`. */
export function list<T>(flags: string, about: string, place: ListIn<T>): readonly SpecOption[] {
  const whole = several(flags, about, (spec, words, known) => {
    return place.with(spec, parsed(words, place, known));
  });
  const { long } = whole.option;
  const value = /<.*>/.exec(flags)?.[0];
  const add = several(`${long}-add ${value}`, `one more for ${long}`, (spec, words, known) => {
    return place.with(spec, added(spec, words, place, known));
  });
  const remove = several(
    `${long}-rm <${place.key}>`,
    `one less of ${long}`,
    (spec, words, known) => {
      return place.with(spec, without(spec, words, place, known));
    },
  );
  return [whole, { ...add, only: "update" }, { ...remove, only: "update" }];
}

function parsed<T>(words: readonly string[], { parse }: ListIn<T>, known: Known): readonly T[] {
  return words.map((word) => parse(word, known));
}

/** The list with these words besides; what has the same key is replaced. */
export function added<T>(
  spec: ServiceSpec,
  words: readonly string[],
  place: ListIn<T>,
  known: Known,
): readonly T[] {
  const more = parsed(words, place, known);
  const { sameBy = place.keyOf } = place;
  const keys = new Set(more.map(sameBy));
  return [...place.of(spec).filter((item) => !keys.has(sameBy(item))), ...more];
}

/** The list without those that the words name; a name that is not there takes nothing away. */
export function without<T>(
  spec: ServiceSpec,
  words: readonly string[],
  { of, keyOf, keyIn = (word) => word }: ListIn<T>,
  known: Known,
): readonly T[] {
  const gone = new Set(words.map((word) => keyIn(word, known)));
  return of(spec).filter((item) => !gone.has(keyOf(item)));
}

export function inTask(spec: ServiceSpec, change: Partial<TaskSpec>): ServiceSpec {
  return { ...spec, task: { ...spec.task, ...change } };
}

export function inContainer(spec: ServiceSpec, change: Partial<ContainerSpec>): ServiceSpec {
  return inTask(spec, { container: { ...spec.task.container, ...change } });
}

export function inPlacement(spec: ServiceSpec, change: Partial<Placement>): ServiceSpec {
  return inTask(spec, { placement: { ...spec.task.placement, ...change } });
}
