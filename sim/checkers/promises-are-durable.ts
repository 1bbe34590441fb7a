import type { StorageWrite } from "../../core/node/durable.ts";
import type { HardState, RaftMessage } from "../../core/raft/message.ts";
import { BrokenInvariant, type Checker, type RaftHost } from "./checker.ts";

/**
 * What a member tells others is already on its disk: the term of every message, a vote before it
 * is granted, entries before they are acknowledged. And no disk ever goes back to an older term
 * or changes a vote.
 */
export class PromisesAreDurable implements Checker {
  readonly name = "promises-are-durable";
  readonly source = "Raft paper, figure 2: persistent state is updated before responding";
  checks = 0;
  readonly #hardStates: (HardState | undefined)[] = [];

  raftSent(host: RaftHost, message: RaftMessage): void {
    this.checks += 1;
    const broken = brokenPromise(host, message);
    if (broken !== null) throw new BrokenInvariant(this.name, host.name, broken);
  }

  durable(host: RaftHost, write: StorageWrite): void {
    if (write.wipesRaft) this.#hardStates[host.number] = undefined;
    for (const { hardState } of write.raft) {
      if (hardState === null) continue;
      this.checks += 1;
      const before = this.#hardStates[host.number];
      this.#hardStates[host.number] = hardState;
      if (before !== undefined && goesBack(before, hardState)) {
        const detail =
          `term ${before.term} with vote ${before.vote ?? "none"} on disk is replaced by ` +
          `term ${hardState.term} with vote ${hardState.vote ?? "none"}`;
        throw new BrokenInvariant(this.name, host.name, detail);
      }
    }
  }
}

function goesBack(before: HardState, after: HardState): boolean {
  if (after.term !== before.term) return after.term < before.term;
  return before.vote !== null && after.vote !== before.vote;
}

function brokenPromise(host: RaftHost, message: RaftMessage): string | null {
  const { hardState, lastIndex, snapshot } = host.disk.image;
  const { kind, term, to } = message;
  if (kind === "pre-vote" || kind === "pre-vote-response") return null;
  if (term > (hardState?.term ?? 0)) {
    return `${kind} of term ${term} is sent while the disk has term ${hardState?.term ?? 0}`;
  }
  if (kind === "vote-response" && message.granted) {
    const isKept = hardState?.term !== term || hardState.vote === to;
    if (!isKept) return `a vote for ${to} in term ${term} is granted but not on disk`;
  }
  if (kind === "append-response" && !message.rejected) {
    const safe = Math.max(lastIndex, snapshot?.index ?? 0);
    if (message.index > safe) {
      return `entries up to ${message.index} are acknowledged, the disk has those up to ${safe}`;
    }
  }
  return null;
}
