import {
  createReadStream,
  existsSync,
  mkdirSync,
  readdirSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import type { LogLine, LogOptions } from "../engine.ts";
import { linesOf } from "../lines.ts";

/** What is kept of one task: its last lines, and no more than so many characters of them. */
const linesMost = 1_000;
const charactersMost = 256 * 1024;
/** Tasks of which something is kept on a node; the oldest go first. */
const tasksMost = 200;
const ending = ".ndjson";

/** The ends of the logs of tasks whose containers are gone, in a folder of the node. */
export class KeptLogs {
  readonly #folder: string;

  constructor(folder: string) {
    this.#folder = folder;
  }

  /** Keeps the end of what a task has written. Rejects when it can't be read or written. */
  async keep(
    task: string,
    log: (options: Pick<LogOptions, "tail">) => AsyncIterable<LogLine>,
  ): Promise<void> {
    const kept: string[] = [];
    let characters = 0;
    for await (const line of log({ tail: linesMost })) {
      const text = JSON.stringify(line);
      kept.push(text);
      characters += text.length;
      while (characters > charactersMost) characters -= kept.shift()?.length ?? 0;
    }
    if (kept.length === 0) return;
    mkdirSync(this.#folder, { recursive: true, mode: 0o700 });
    writeFileSync(this.#pathOf(task), `${kept.join("\n")}\n`, { mode: 0o600 });
    this.#forgetOldest();
  }

  /** Null: nothing of the task is kept. */
  read(task: string, options: LogOptions): AsyncIterable<LogLine> | null {
    if (!/^[0-9a-z]+$/i.test(task)) return null;
    const path = this.#pathOf(task);
    return existsSync(path) ? linesIn(path, options) : null;
  }

  #pathOf(task: string): string {
    return join(this.#folder, `${task}${ending}`);
  }

  #forgetOldest(): void {
    const files = readdirSync(this.#folder).map((name) => join(this.#folder, name));
    if (files.length <= tasksMost) return;
    const byAge = files.map((path) => ({ path, at: statSync(path).mtimeMs }));
    byAge.sort((left, right) => left.at - right.at);
    for (const { path } of byAge.slice(0, files.length - tasksMost)) rmSync(path, { force: true });
  }
}

async function* linesIn(path: string, { tail, since }: LogOptions): AsyncGenerator<LogLine> {
  const lines: LogLine[] = [];
  for await (const text of linesOf(createReadStream(path))) {
    const line = JSON.parse(text) as LogLine;
    if (line.at >= since || line.at === 0) lines.push(line);
  }
  yield* tail === null ? lines : lines.slice(Math.max(0, lines.length - tail));
}
