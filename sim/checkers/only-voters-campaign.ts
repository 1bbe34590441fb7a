import type { Raft } from "../../core/raft/raft.ts";
import { BrokenInvariant, type Property, type RaftHost } from "./checker.ts";

/**
 * Learners never ask for votes. One that was a voter until a change that is not committed may: it
 * may be the only one who can bring that change to the others.
 */
export class OnlyVotersCampaign implements Property {
  readonly name = "only-voters-campaign";
  readonly source = "Raft thesis 4.2.1: a non-voting member is not counted and starts no election";
  checks = 0;

  memberTurned(host: RaftHost, raft: Raft): void {
    if (raft.role !== "candidate" && raft.role !== "pre-candidate") return;
    this.checks += 1;
    const { membership } = raft;
    if (!membership.learners.includes(raft.id) || hasOpenChange(raft)) return;
    const detail = `a learner is ${raft.role} in term ${raft.term}`;
    throw new BrokenInvariant(this.name, host.name, detail);
  }
}

function hasOpenChange(raft: Raft): boolean {
  for (let index = raft.lastIndex; index > raft.commit; index -= 1) {
    if (raft.entryAt(index)?.kind === "config") return true;
  }
  return false;
}
