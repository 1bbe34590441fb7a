import { BrokenInvariant, type Property, type RaftHost } from "./checker.ts";
import type { RaftLogs } from "./raft-logs.ts";

/**
 * Reads are linearizable: one that was asked for after an entry had been applied anywhere comes
 * back with an index that is no lower. The register that is read is the log itself.
 */
export class ReadsAreFresh implements Property {
  readonly name = "reads-are-fresh";
  readonly source = "Raft thesis 6.4: linearizable reads";
  checks = 0;
  readonly #logs: RaftLogs;
  /** By read: the last index that was applied anywhere when it was asked for. */
  readonly #floors = new Map<number, number>();

  constructor(logs: RaftLogs) {
    this.#logs = logs;
  }

  asked(read: number): void {
    this.#floors.set(read, this.#logs.lastCommitted);
  }

  /** `index` is null when the read has failed. */
  answered(host: RaftHost, read: number, index: number | null): void {
    const floor = this.#floors.get(read);
    this.#floors.delete(read);
    if (floor === undefined || index === null) return;
    this.checks += 1;
    if (index >= floor) return;
    const detail = `a read sees entries up to ${index}, and ${floor} was applied before it`;
    throw new BrokenInvariant(this.name, host.name, detail);
  }
}
