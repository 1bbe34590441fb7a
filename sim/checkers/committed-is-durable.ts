import { found } from "../../core/base/gather.ts";
import type { Membership } from "../../core/raft/message.ts";
import type { Raft } from "../../core/raft/raft.ts";
import { BrokenInvariant, type Checker, type RaftHost } from "./checker.ts";
import type { RaftLogs } from "./raft-logs.ts";

/**
 * What a leader counts as committed is on the disks of a majority of the voters, in both halves of
 * a joint configuration, synced: no crash of any nodes whatever can lose it.
 *
 * The membership that counts is the one before the step: a leader that commits a joint one may
 * leave it in the same step.
 */
export class CommittedIsDurable implements Checker {
  readonly name = "committed-is-durable";
  readonly source = "etcd-io/raft tla: CommittedIsDurableInv, QuorumLogInv";
  checks = 0;
  readonly #hosts: readonly RaftHost[];
  readonly #logs: RaftLogs;
  /** By host number, as of the step before. */
  readonly #commits: number[] = [];
  readonly #memberships: (Membership | undefined)[] = [];
  /** Up to there a majority had what was committed, in this incarnation of the cluster. */
  #verified = 0;
  #incarnation = 0;

  constructor(hosts: readonly RaftHost[], logs: RaftLogs) {
    this.#hosts = hosts;
    this.#logs = logs;
  }

  wiped(host: RaftHost): void {
    this.#commits[host.number] = 0;
  }

  memberMoved(host: RaftHost, raft: Raft): void {
    // In one step a leader may commit, and then propose a change of membership.
    const earlier = this.#memberships[host.number] ?? raft.membership;
    this.#memberships[host.number] = raft.membership;
    if (raft.commit === (this.#commits[host.number] ?? 0)) return;
    const before = this.#commits[host.number] ?? 0;
    this.#commits[host.number] = raft.commit;
    if (raft.commit < before) {
      this.#broken(host, `the commit index goes back from ${before} to ${raft.commit}`);
    }
    if (raft.role !== "leader" || this.#logs.isSuperseded(host)) return;
    if (this.#isVerified(host, raft.commit)) return;
    this.checks += 1;
    const holders = this.#holders(host, raft.commit);
    if (isQuorum(holders, earlier)) {
      this.#verified = raft.commit;
      return;
    }
    const names = holders.join(", ");
    this.#broken(
      host,
      `entry ${raft.commit} is committed, but safe only on: ${names || "no disk"}`,
    );
  }

  /**
   * A deposed leader may hear late of what its followers took long ago, while another has committed
   * it: by then some of them may be managers no more, and have no log at all.
   */
  #isVerified(leader: RaftHost, index: number): boolean {
    if (leader.incarnation > this.#incarnation) {
      this.#incarnation = leader.incarnation;
      this.#verified = 0;
    }
    const { volatile, committedHashes } = this.#logs;
    const hash = volatile[leader.number]?.at(index);
    return index <= this.#verified && committedHashes.get(index) === hash;
  }

  crashed(host: RaftHost): void {
    this.#commits[host.number] = 0;
    this.#memberships[host.number] = undefined;
  }

  /**
   * Whose disks hold what this leader holds. What a disk has compacted is in its snapshot, hence
   * committed: a deposed leader may hear so late of what its followers took long ago.
   */
  #holders(leader: RaftHost, index: number): string[] {
    const { volatile, durableLogs, committedHashes, withLogs } = this.#logs;
    const hash = volatile[leader.number]?.at(index);
    const isCommitted = committedHashes.get(index) === hash;
    const holders = withLogs.filter((number) => {
      const log = durableLogs[number];
      return log?.at(index) === hash || (isCommitted && log?.isCompacted(index));
    });
    return found(holders, (number) => this.#hosts[number]?.memberId);
  }

  #broken(host: RaftHost, detail: string): never {
    throw new BrokenInvariant(this.name, host.name, detail);
  }
}

function isQuorum(holders: readonly string[], membership: Membership): boolean {
  return hasMajority(holders, membership.voters) && hasMajority(holders, membership.outgoing);
}

function hasMajority(holders: readonly string[], voters: readonly string[]): boolean {
  const held = voters.filter((voter) => holders.includes(voter)).length;
  return voters.length === 0 || held * 2 > voters.length;
}
