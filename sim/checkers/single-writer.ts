import type { StorageWrite } from "../../core/node/durable.ts";
import { storeEntry } from "../../core/node/payload.ts";
import { BrokenInvariant, type Checker, type RaftHost } from "./checker.ts";

/**
 * What is written to the store was decided in the term in which it is proposed: nobody goes on
 * with the plans of an office that it has lost, even if it leads again.
 */
export class SingleWriter implements Checker {
  readonly name = "single-leader-writes";
  readonly source = "SwarmKit manager.becomeFollower: every control loop is stopped";
  checks = 0;

  wrote(host: RaftHost, write: StorageWrite): void {
    for (const { entries } of write.raft) {
      for (const entry of entries) {
        const decided = storeEntry(entry)?.term;
        if (decided === undefined) continue;
        this.checks += 1;
        if (decided === entry.term) continue;
        const detail = `entry ${entry.index} of term ${entry.term} was decided in term ${decided}`;
        throw new BrokenInvariant(this.name, host.name, detail);
      }
    }
  }
}
