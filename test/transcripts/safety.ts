import type { MemberId, Raft, RaftOutput } from "../../core/raft/driver.ts";
import { describeEntry } from "./format.ts";

/** Two properties that no story may break, whatever its author had in mind (paper figure 3). */
export class Safety {
  readonly #leaderByTerm = new Map<number, MemberId>();
  readonly #appliedByIndex = new Map<number, string>();

  check(raft: Raft, outputs: readonly RaftOutput[]): void {
    const { id, role, term } = raft.status();
    if (role === "leader") {
      const elected = this.#leaderByTerm.get(term) ?? id;
      if (elected !== id) throw new Error(`term ${term} has two leaders: ${elected} and ${id}`);
      this.#leaderByTerm.set(term, elected);
    }
    for (const output of outputs) {
      if (output.kind !== "apply") continue;
      for (const entry of output.entries) this.#applied(entry.index, describeEntry(entry), id);
    }
  }

  #applied(index: number, entry: string, id: MemberId): void {
    const known = this.#appliedByIndex.get(index) ?? entry;
    if (known !== entry) throw new Error(`${id} applies ${entry}, where others applied ${known}`);
    this.#appliedByIndex.set(index, entry);
  }
}
