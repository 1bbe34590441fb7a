import type { Argument, Command, Option } from "commander";

/** What may stand in place of the last word of a command line. */
export interface Expected {
  /** Commands, options or choices. */
  readonly words: readonly string[];
  /** What fits by its name, as arguments and the values of options call it; null: nothing does. */
  readonly named: string | null;
  /** Values of the options so far, by their long names, `--socket` and so on. */
  readonly values: ReadonlyMap<string, string>;
}

/** Where the words have led: the command, how many of its arguments are there, what waits. */
interface Place {
  readonly command: Command;
  readonly count: number;
  /** The option whose value comes next. */
  readonly open: Option | null;
  readonly values: ReadonlyMap<string, string>;
}

/** What `program` expects in place of the last of `words`, by those before it. */
export function expectedIn(program: Command, words: readonly string[]): Expected {
  const start: Place = { command: program, count: 0, open: null, values: new Map() };
  const { command, count, open, values } = words.slice(0, -1).reduce(next, start);
  const last = words.at(-1) ?? "";
  if (open !== null) return { ...whatFits(open, placeholderOf(open)), values };
  if (last.startsWith("-")) return { words: optionNames(command), named: null, values };
  const own = command.commands.filter((each) => !isHidden(each));
  const names = own.flatMap((each) => [each.name(), ...each.aliases()]);
  if (names.length > 0) return { words: names, named: null, values };
  const taken = command.registeredArguments;
  const argument = taken[count] ?? (taken.at(-1)?.variadic ? taken.at(-1) : undefined);
  if (argument === undefined) return { words: [], named: null, values };
  return { ...whatFits(argument, argument.name()), values };
}

function next(place: Place, word: string): Place {
  const { command, count, open } = place;
  if (open !== null) {
    const values = new Map([...place.values, [open.long ?? "", word]]);
    return { ...place, open: null, values };
  }
  if (word.startsWith("-")) {
    const option = optionsOf(command).find(({ long, short }) => word === long || word === short);
    return option === undefined || option.isBoolean() ? place : { ...place, open: option };
  }
  const below = command.commands.find((each) => [each.name(), ...each.aliases()].includes(word));
  return below === undefined ? { ...place, count: count + 1 } : { ...place, command: below };
}

function whatFits(
  { argChoices }: Argument | Option,
  name: string,
): Pick<Expected, "words" | "named"> {
  return argChoices === undefined ? { words: [], named: name } : { words: argChoices, named: null };
}

/** `service` of `--affinity <service>`. */
function placeholderOf({ flags }: Option): string {
  return /[<[](.*?)[>\]]/.exec(flags)?.[1] ?? "";
}

/** Its own and those of the commands above it. */
function optionsOf(command: Command): readonly Option[] {
  return command.options.concat(command.parent === null ? [] : optionsOf(command.parent));
}

function optionNames(command: Command): string[] {
  const shown = optionsOf(command).filter(({ hidden }) => !hidden);
  return [...shown.map(({ long, short }) => long ?? short ?? ""), "--help"];
}

function isHidden(command: Command): boolean {
  return command.name().startsWith("_");
}
