/** What is counted, each in a cell of its own. */
const names = [
  /** Connections that are carried now, and senders over UDP. */
  "open",
  /** Those that were ever carried. */
  "carried",
  /** Clients that were turned away as the node carried as many as it may. */
  "turnedAway",
  /** Clients that no task has accepted. */
  "unreachable",
  /** From clients to tasks, and back. */
  "bytesIn",
  "bytesOut",
] as const;

export type TrafficName = (typeof names)[number];

/** Counts of what the routing mesh carries, in memory that threads can share. */
export class Traffic {
  readonly #cells: Float64Array;

  /** `memory` is another thread's. */
  constructor(memory = new SharedArrayBuffer(names.length * Float64Array.BYTES_PER_ELEMENT)) {
    this.#cells = new Float64Array(memory);
  }

  get memory(): SharedArrayBuffer {
    return this.#cells.buffer as SharedArrayBuffer;
  }

  count(name: TrafficName): number {
    return this.#cells[names.indexOf(name)] as number;
  }

  /** One thread alone adds. */
  add(name: TrafficName, amount = 1): void {
    const at = names.indexOf(name);
    this.#cells[at] = (this.#cells[at] as number) + amount;
  }

  /** The thread that carried has ended, and with it what was open. */
  lost(): void {
    this.#cells[names.indexOf("open")] = 0;
  }
}
