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
  /** When each leader last heard each node, and its patience then: by `leader node`. */
  readonly #heard = new Map<string, { readonly at: number; readonly least: number }>();

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
    const { heartbeatGrace } = settingsOf(host.node?.member?.store.cluster ?? null);
    const least = message.message.period * (heartbeatGrace - 1);
    this.#heard.set(`${host.name} ${to}`, { at: this.#world.kernel.now, least });
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
    const { at, least } = this.#heard.get(`${leader.name} ${node}`) ?? { at: 0, least: 0 };
    const silence = kernel.now - at;
    if (silence >= least) return;
    const detail = `${node} is called down ${silence / 1e6} s after its last heartbeat`;
    throw new BrokenInvariant(this.name, leader.name, detail);
  }
}
