import { Writable } from "node:stream";

/** Nothing is shown before the end (Synchronized Output); terminals without it ignore this. */
const begin = "\u001b[?2026h";
const end = "\u001b[?2026l";
const wipe = "\u001b[2J";

type Terminal = Pick<NodeJS.WriteStream, "columns" | "rows" | "write">;

/**
 * Takes whole pictures, with lines as wide as the terminal, and tells it those that are not on it
 * yet, each at its place. (Ink's own incremental mode puts them one line too low where a picture is
 * less high than the terminal, and clears the screen each time where it is not.)
 */
export class PictureStream extends Writable {
  readonly isTTY = true;
  readonly #terminal: Terminal;
  #shown: readonly string[] = [];
  #isWiped = false;

  constructor(terminal: Terminal) {
    super({ decodeStrings: false });
    this.#terminal = terminal;
  }

  get columns(): number {
    return this.#terminal.columns || 80;
  }

  get rows(): number {
    return this.#terminal.rows || 24;
  }

  /** Forgets what is on the terminal: the next picture is drawn afresh. */
  forget(): void {
    this.#shown = [];
    this.#isWiped = false;
  }

  override _write(picture: string, _encoding: BufferEncoding, done: () => void): void {
    if (picture !== "") this.#draw(picture.split("\n").slice(0, this.rows));
    done();
  }

  #draw(lines: readonly string[]): void {
    const changes = lines.map((line, row) =>
      this.#isWiped && line === this.#shown[row] ? "" : `\u001b[${row + 1};1H${shortened(line)}`,
    );
    const below = lines.length < this.#shown.length ? `\u001b[${lines.length + 1};1H\u001b[J` : "";
    const text = changes.join("") + below;
    if (text !== "") this.#terminal.write(begin + (this.#isWiped ? "" : wipe) + text + end);
    this.#isWiped = true;
    this.#shown = lines;
  }
}

/** Erasing is shorter than spaces; after a line that is full it would take the last letter (EL). */
function shortened(line: string): string {
  const short = line.trimEnd();
  return short.length === line.length ? line : `${short}\u001b[K`;
}
