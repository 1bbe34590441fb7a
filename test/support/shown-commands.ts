/** What the pages tell people to type. */

/** One command as its program is given it, the program's name first, and where it stands. */
export interface ShownCommand {
  readonly words: readonly string[];
  readonly at: string;
}

/** The commands of all lines that begin with `$ ` in the blocks of a page that show a terminal. */
export function blockCommands(path: string, page: string): readonly ShownCommand[] {
  const blocks = page.matchAll(/^```(?:console|sh)\n(.*?)^```$/gms);
  return [...blocks].flatMap(([, text = ""]) => {
    const lines = text.replace(/\\\n/g, " ").split("\n");
    const shown = lines.filter((line) => line.startsWith("$ "));
    return shown.flatMap((line) => commandsOf(line.slice(2), `${path}: ${line}`));
  });
}

/** What stands in a page between single backquotes and begins with the name of a program. */
export function inlineCommands(path: string, page: string): readonly ShownCommand[] {
  const prose = page.replace(/^```.*?^```$/gms, "");
  return [...prose.matchAll(/`([^`\n]+)`/g)].flatMap(([shown, text = ""]) =>
    commandsOf(text, `${path}: ${shown}`),
  );
}

/** The commands that a shell would start; `at` says where the line stands. */
export function commandsOf(line: string, at: string): readonly ShownCommand[] {
  const commands: string[][] = [[]];
  for (const [word] of line.matchAll(/'[^']*'|"[^"]*"|&&|[|;>]|[^\s'"|;>]+/g)) {
    if (word.startsWith("#")) break;
    if (["&&", "|", ";", ">"].includes(word)) commands.push([]);
    else commands.at(-1)?.push(word.replace(/^(['"])(.*)\1$/s, "$2"));
  }
  const inner = commands.flat().filter((word) => /\s/.test(word));
  return [
    ...commands.map((words) => ({ words: programFirst(words), at })),
    ...inner.flatMap((word) => commandsOf(word, at)),
  ].filter(({ words }) => words.length > 0);
}

/** Without what stands before the program, and without the dots for what is left out. */
function programFirst(words: readonly string[]): readonly string[] {
  const start = words.findIndex((word) => word !== "npx" && !/^\w+=/.test(word));
  return start < 0 ? [] : words.slice(start).filter((word) => word !== "...");
}
