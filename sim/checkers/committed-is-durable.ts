import type { Host } from "../host.ts";
import { BrokenInvariant, type CheckedWorld, type Checker } from "./checker.ts";
import type { RaftLogs } from "./raft-logs.ts";

/**
 * What a leader counts as committed is on the disks of a majority, synced: no crash of any nodes
 * whatever can lose it.
 */
export class CommittedIsDurable implements Checker {
  readonly name = "committed-is-durable";
  readonly source = "etcd-io/raft tla: CommittedIsDurableInv, QuorumLogInv";
  checks = 0;
  readonly #world: CheckedWorld;
  readonly #logs: RaftLogs;
  readonly #commits: number[] = [];

  constructor(world: CheckedWorld, logs: RaftLogs) {
    this.#world = world;
    this.#logs = logs;
  }

  stepped(host: Host): void {
    const raft = host.node?.member?.raft;
    if (raft === undefined || raft.commit === (this.#commits[host.number] ?? 0)) return;
    const before = this.#commits[host.number] ?? 0;
    this.#commits[host.number] = raft.commit;
    if (raft.commit < before) {
      this.#broken(host, `the commit index goes back from ${before} to ${raft.commit}`);
    }
    if (raft.role !== "leader") return;
    this.checks += 1;
    const hash = this.#logs.volatile[host.number]?.at(raft.commit);
    const { managers } = this.#world;
    const holders = managers.filter(
      (manager) => this.#logs.durableLogs[manager.number]?.at(raft.commit) === hash,
    );
    if (holders.length * 2 > managers.length) return;
    const names = holders.map((holder) => holder.name).join(", ");
    this.#broken(
      host,
      `entry ${raft.commit} is committed, but safe only on: ${names || "no disk"}`,
    );
  }

  crashed(host: Host): void {
    this.#commits[host.number] = 0;
  }

  #broken(host: Host, detail: string): never {
    throw new BrokenInvariant(this.name, host.name, detail);
  }
}
