import { existsSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";

const name = "libfaketimeMT.so.1";

/**
 * Calendars of processes that jump while they run, by libfaketime (see `.ci/tools`). Monotonic
 * clocks and the times of files are the machine's own.
 */
export class Calendars {
  readonly #folder: string;
  readonly #library: string;

  constructor(folder: string) {
    const places = readdirSync("/usr/lib").map((each) => `/usr/lib/${each}/faketime/${name}`);
    const library = places.find((place) => existsSync(place));
    if (library === undefined) throw new Error("libfaketime is missing: .ci/tools brings it");
    this.#folder = folder;
    this.#library = library;
  }

  /** Goes before the command of a process, whose calendar is right so far. */
  enter(name: string): readonly string[] {
    this.jump(name, 0);
    return [
      "env",
      `LD_PRELOAD=${this.#library}`,
      `FAKETIME_TIMESTAMP_FILE=${this.#file(name)}`,
      ...["FAKETIME_NO_CACHE=1", "DONT_FAKE_MONOTONIC=1", "NO_FAKE_STAT=1"],
    ];
  }

  /** From now on its calendar is so many seconds ahead of the machine's. */
  jump(name: string, seconds: number): void {
    writeFileSync(this.#file(name), `${seconds < 0 ? "" : "+"}${seconds}\n`);
  }

  #file(name: string): string {
    return join(this.#folder, `${name}.calendar`);
  }
}
