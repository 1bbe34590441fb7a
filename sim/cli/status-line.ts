import { complain, errorIsTerminal } from "./output.ts";

const redrawnEveryMs = 100;
const printedEveryMs = 30_000;
const clearLine = "\r\x1b[2K";

/**
 * A line on standard error that says how far something has come, drawn over and over until it is
 * cleared. Where no terminal redraws it, one is printed now and then.
 */
export class StatusLine {
  readonly #isTerminal = errorIsTerminal();
  readonly #everyMs: number;
  #drawnAt: number;
  #isDrawn = false;

  constructor() {
    this.#everyMs = this.#isTerminal ? redrawnEveryMs : printedEveryMs;
    this.#drawnAt = this.#isTerminal ? Number.NEGATIVE_INFINITY : performance.now();
  }

  /** `text` is asked for only when it is to be drawn. */
  show(text: () => string): void {
    const now = performance.now();
    if (now - this.#drawnAt < this.#everyMs) return;
    this.#drawnAt = now;
    if (!this.#isTerminal) return complain(`${text()}\n`);
    this.#isDrawn = true;
    complain(`${clearLine}${fitted(text(), process.stderr.columns)}`);
  }

  /** Must come before anything else is printed. */
  clear(): void {
    if (this.#isDrawn) complain(clearLine);
    this.#isDrawn = false;
  }
}

/** No wider than the terminal: of a line that wraps only the last row would be drawn over. */
export function fitted(text: string, columns: number | undefined): string {
  return columns === undefined || columns === 0 ? text : text.slice(0, columns - 1);
}
