import type { RunRequest } from "./request.ts";

/** The command that shows a run again, as it can be pasted into a shell. */
export function commandFor(
  file: string,
  seed: string,
  { until, clients, bug = null }: Pick<RunRequest, "until" | "clients"> & { bug?: string | null },
): string {
  const path = file.startsWith("-") ? `./${file}` : file;
  const seedFlag = seed.startsWith("-") ? `--seed=${quoted(seed)}` : `--seed ${quoted(seed)}`;
  const untilFlag = until === null ? "" : ` --until ${quoted(until.text)}`;
  const clientsFlag = clients === null ? "" : ` --clients ${clients}`;
  const bugFlag = bug === null ? "" : ` --bug ${bug}`;
  return `npx sim run ${quoted(path)} ${seedFlag}${untilFlag}${clientsFlag}${bugFlag}`;
}

/** A word for a POSIX shell, in quotes where it needs them. */
export function quoted(word: string): string {
  if (/^[\w@%+=:,./-]+$/.test(word)) return word;
  return `'${word.replaceAll("'", `'\\''`)}'`;
}
