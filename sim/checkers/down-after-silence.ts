import type { NodeMessage } from "../../core/node/message.ts";
import { defaultClusterSpec } from "../../core/model/cluster.ts";
import type { Host } from "../host.ts";
import type { Commit } from "../history.ts";
import { BrokenInvariant, type CheckedWorld, type Checker } from "./checker.ts";

/**
 * A node is called down only after the leader has heard nothing from it for three heartbeats: a
 * single late or lost one moves no task.
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

  /** The leader answers each heartbeat at once, so its answer tells when it heard one. */
  sent(host: Host, to: string, message: NodeMessage): void {
    if (message.kind !== "dispatcher") return;
    const { kind } = message.message;
    if (kind !== "heartbeat-received" && kind !== "session") return;
    this.#heard.set(`${host.name} ${to}`, this.#world.kernel.now);
  }

  committed(commit: Commit): void {
    for (const { previous, current } of commit.events) {
      if (current?.kind !== "node" || current.status.state !== "down") continue;
      if (previous?.kind !== "node" || previous.status.state === "down") continue;
      this.checks += 1;
      const heard = this.#heard.get(`${commit.host.name} ${current.id}`) ?? 0;
      const silence = this.#world.kernel.now - heard;
      const period = this.#world.history.view.cluster?.spec.heartbeatPeriod;
      const least = (period ?? defaultClusterSpec.heartbeatPeriod) * 2;
      if (silence >= least) continue;
      const detail = `${current.id} is called down ${silence / 1e6} s after its last heartbeat`;
      throw new BrokenInvariant(this.name, commit.host.name, detail);
    }
  }
}
