import type { StorageWrite } from "../../core/node/durable.ts";
import { BrokenInvariant, type Checker, type RaftHost } from "./checker.ts";
import type { RaftLogs } from "./raft-logs.ts";

/**
 * What a leader counts as committed is on the disks of a majority of the voters, in both halves of
 * a joint configuration, synced: no crash of any nodes whatever can lose it.
 */
export class CommittedIsDurable implements Checker {
  readonly name = "committed-is-durable";
  readonly source = "etcd-io/raft tla: CommittedIsDurableInv, QuorumLogInv";
  checks = 0;
  readonly #hosts: readonly RaftHost[];
  readonly #logs: RaftLogs;
  readonly #commits: number[] = [];

  constructor(hosts: readonly RaftHost[], logs: RaftLogs) {
    this.#hosts = hosts;
    this.#logs = logs;
  }

  wrote(host: RaftHost, write: StorageWrite): void {
    if (write.wipesRaft) this.#commits[host.number] = 0;
  }

  stepped(host: RaftHost): void {
    const raft = host.raft;
    if (raft === null || raft.commit === (this.#commits[host.number] ?? 0)) return;
    const before = this.#commits[host.number] ?? 0;
    this.#commits[host.number] = raft.commit;
    if (raft.commit < before) {
      this.#broken(host, `the commit index goes back from ${before} to ${raft.commit}`);
    }
    if (raft.role !== "leader") return;
    this.checks += 1;
    const hash = this.#logs.volatile[host.number]?.at(raft.commit);
    const holders = this.#hosts
      .filter(({ number }) => this.#logs.durableLogs[number]?.at(raft.commit) === hash)
      .flatMap(({ memberId }) => memberId ?? []);
    const { voters, outgoing } = raft.membership;
    if (hasMajority(holders, voters) && hasMajority(holders, outgoing)) return;
    const names = holders.join(", ");
    this.#broken(
      host,
      `entry ${raft.commit} is committed, but safe only on: ${names || "no disk"}`,
    );
  }

  crashed(host: RaftHost): void {
    this.#commits[host.number] = 0;
  }

  #broken(host: RaftHost, detail: string): never {
    throw new BrokenInvariant(this.name, host.name, detail);
  }
}

function hasMajority(holders: readonly string[], voters: readonly string[]): boolean {
  const held = voters.filter((voter) => holders.includes(voter)).length;
  return voters.length === 0 || held * 2 > voters.length;
}
