import type { Command } from "commander";

/** `--tty=false` is `--no-tty`, and `--tty=true` is `--tty`, as Docker's client takes them. */
export function plainFlags(program: Command, words: readonly string[]): readonly string[] {
  const flags = new Set(flagsOf(program));
  return words.map((word) => {
    const [, name = "", value] = /^--([a-z-]+)=(true|false)$/.exec(word) ?? [];
    const plain = value === "false" ? `--no-${name}` : `--${name}`;
    return flags.has(plain) && flags.has(`--${name}`) ? plain : word;
  });
}

function flagsOf(command: Command): readonly string[] {
  const own = command.options.filter((option) => option.isBoolean() || option.negate);
  return [...own.map(({ long }) => long ?? ""), ...command.commands.flatMap(flagsOf)];
}
