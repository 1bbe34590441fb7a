import type { Line } from "./line.ts";

/**
 * Lines of peers that have shown no certificate of a trusted root, as those that join have none.
 * The server keeps few of their connections, with few lines each.
 */
export class Strangers {
  readonly #lines = new Set<Line>();

  get lines(): Iterable<Line> {
    return this.#lines;
  }

  add(line: Line): void {
    this.#lines.add(line);
  }

  delete(line: Line): void {
    this.#lines.delete(line);
  }

  /** To a node that joins, or is out. Several may say that they are it: only one has its key. */
  answer(to: string, frame: Uint8Array): void {
    for (const line of this.#lines) {
      if (line.peer?.id === to && line.hasRoom) line.write(frame);
    }
  }
}
