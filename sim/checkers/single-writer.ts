import { storeEntry } from "../../core/node/payload.ts";
import type { Entry } from "../../core/raft/message.ts";
import { BrokenInvariant, type Checker, type RaftHost } from "./checker.ts";

/**
 * What is written to the store was decided in the term in which it is proposed: nobody goes on
 * with the plans of a leadership that it has lost, even if it leads again.
 */
export class SingleWriter implements Checker {
  readonly name = "single-leader-writes";
  readonly source = "SwarmKit manager.becomeFollower: every control loop is stopped";
  checks = 0;

  proposed(leader: RaftHost, entry: Entry): void {
    const decided = storeEntry(entry)?.term;
    if (decided === undefined) return;
    this.checks += 1;
    if (decided === entry.term) return;
    const detail = `entry ${entry.index} of term ${entry.term} was decided in term ${decided}`;
    throw new BrokenInvariant(this.name, leader.name, detail);
  }
}
