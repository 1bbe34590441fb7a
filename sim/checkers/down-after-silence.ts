import type { Transaction } from "../../core/model/change.ts";
import { settingsOf } from "../../core/model/cluster.ts";
import type { StorageWrite } from "../../core/node/durable.ts";
import type { NodeMessage } from "../../core/node/message.ts";
import { storeEntry } from "../../core/node/payload.ts";
import type { Host } from "../host.ts";
import { BrokenInvariant, type CheckedWorld, type Checker } from "./checker.ts";

/**
 * A node is called down only after the leader has heard nothing from it for as many heartbeats as
 * the cluster allows, but for their jitter: a single late or lost one moves no task.
 */
export class DownAfterSilence implements Checker {
  readonly name = "down-after-silence";
  readonly source = "SwarmKit dispatcher: heartbeat period 5s, grace factor 3";
  checks = 0;
  readonly #world: CheckedWorld;
  /** When a message of a node's session last reached each leader: `leader node` -> sim time. */
  readonly #heard = new Map<string, number>();

  constructor(world: CheckedWorld) {
    this.#world = world;
  }

  /**
   * The leader answers each heartbeat at once, so its answer tells when it heard one. A node that
   * only registers is not heard of: it may be unable to hear the leader.
   */
  sent(host: Host, to: string, message: NodeMessage): void {
    if (message.kind !== "dispatcher") return;
    if (message.message.kind !== "heartbeat-received") return;
    this.#heard.set(`${host.name} ${to}`, this.#world.kernel.now);
  }

  /** Looks at what a leader proposes, at the moment when it does: that is when it decides. */
  wrote(host: Host, write: StorageWrite): void {
    const raft = host.node?.member?.raft;
    if (raft?.role !== "leader") return;
    for (const { entries } of write.raft) {
      for (const entry of entries) {
        if (entry.term === raft.term) this.#proposed(host, storeEntry(entry)?.transactions ?? []);
      }
    }
  }

  #proposed(leader: Host, transactions: readonly Transaction[]): void {
    for (const { changes } of transactions) {
      for (const change of changes) {
        if (change.kind !== "update" || change.object.kind !== "node") continue;
        if (change.object.status.state === "down") this.#called(leader, change.object.id);
      }
    }
  }

  #called(leader: Host, node: string): void {
    this.checks += 1;
    const { kernel, history } = this.#world;
    if (history.view.nodes.get(node)?.status.state === "down") return;
    const silence = kernel.now - (this.#heard.get(`${leader.name} ${node}`) ?? 0);
    const { heartbeatPeriod, heartbeatGrace } = settingsOf(history.view.cluster);
    if (silence >= heartbeatPeriod * (heartbeatGrace - 1)) return;
    const detail = `${node} is called down ${silence / 1e6} s after its last heartbeat`;
    throw new BrokenInvariant(this.name, leader.name, detail);
  }
}
