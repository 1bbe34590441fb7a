import type { RaftOutput } from "../../core/raft/contract.ts";
import type { RaftMessage } from "../../core/raft/message.ts";
import type { Raft } from "../../core/raft/raft.ts";

/**
 * Changes that do no harm: a cluster with one of them must pass every check. They show that the
 * checkers do not merely notice that something differs.
 */
export const benignMutants = ["extra-heartbeat", "empty-append", "doubled-pre-vote"] as const;
export type BenignMutant = (typeof benignMutants)[number];

/** What a member with this change says in addition when it carries out `output`. */
export function alsoSaid(mutant: BenignMutant, raft: Raft, output: RaftOutput): RaftMessage[] {
  switch (mutant) {
    case "extra-heartbeat":
      return repeated(output, "heartbeat");
    case "doubled-pre-vote":
      return repeated(output, "pre-vote");
    default:
      return output.kind === "apply" ? emptyAppends(raft) : [];
  }
}

function repeated(output: RaftOutput, kind: RaftMessage["kind"]): RaftMessage[] {
  return output.kind === "send" && output.message.kind === kind ? [output.message] : [];
}

/** From the end of what is committed: every follower that holds it may be told so. */
function emptyAppends(raft: Raft): RaftMessage[] {
  if (raft.role !== "leader") return [];
  const { id: from, term, commit } = raft.status();
  const prevTerm = raft.termAt(commit);
  return raft.progress().map(({ member: to }) => ({
    ...{ kind: "append", from, to, term, prevIndex: commit, prevTerm, entries: [], commit },
  }));
}
