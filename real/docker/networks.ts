import type Docker from "dockerode";
import type { AttachedNetwork } from "../../core/model/network.ts";
import type { Task } from "../../core/model/task.ts";
import { clashWith } from "../overlay/clash.ts";
import type { Overlays } from "../overlay/overlays.ts";
import { bridgeOf } from "../overlay/tunnel.ts";
import { attachmentsOf } from "./attachments.ts";
import { inTime, patience, statusOf } from "./client.ts";
import { type Attachments, type ContainerOwner, clusterLabelOf, isOf } from "./convert.ts";
import { engineNameOf, networkLabel, networkOptions } from "./engine-network.ts";

/** How a task can be attached, or why it can never be on this node. */
export type Prepared =
  | ({ readonly kind: "attached" } & Attachments)
  | { readonly kind: "refused"; readonly reason: string };

/**
 * The bridges that stand for the cluster's networks on this node. One is made for the first task
 * that is attached to it, and goes with the last.
 */
export class EngineNetworks {
  readonly #docker: Docker;
  readonly #owner: ContainerOwner;
  readonly #overlays: Overlays;
  /** The tasks that use each, by its name on the engine. */
  readonly #users = new Map<string, Set<string>>();
  /** Makes and removes one after the other, so that none goes that is about to be used. */
  #last: Promise<unknown> = Promise.resolve();

  constructor(docker: Docker, owner: ContainerOwner, overlays: Overlays) {
    this.#docker = docker;
    this.#owner = owner;
    this.#overlays = overlays;
  }

  /** Makes those that the task needs and that are not there. Rejects with the engine's reason. */
  async prepare(task: Task): Promise<Prepared> {
    const served = new Set<string>();
    this.uses(
      task.id,
      task.networks.map((network) => engineNameOf(network, this.#owner)),
    );
    for (const network of task.networks) {
      const clash = clashOf(network);
      if (clash !== null) return { kind: "refused", reason: clash };
      const anew = await this.#inTurn(() => this.#make(network));
      if (network.overlay === null) continue;
      try {
        if ((await this.#overlays.made(network.id, anew)) === null) served.add(network.id);
      } catch (error) {
        return { kind: "refused", reason: (error as Error).message };
      }
    }
    return { kind: "attached", ...attachmentsOf(task, this.#owner, served) };
  }

  /** The task's container is attached to these already; some may be the engine's own. */
  uses(task: string, names: readonly string[]): void {
    for (const name of names) {
      const users = this.#users.get(name) ?? new Set();
      this.#users.set(name, users.add(task));
    }
  }

  /** Nothing is left of the task: what only it has used is removed. Never rejects. */
  async release(task: string): Promise<void> {
    const used = [...this.#users.values()].filter((users) => users.delete(task));
    if (used.some(({ size }) => size === 0)) await this.#inTurn(() => this.removeUnused());
  }

  /** Also what was left behind by an earlier life of the node. Never rejects. */
  async removeUnused(): Promise<void> {
    try {
      const label = [clusterLabelOf(this.#owner), networkLabel];
      const found = await this.#docker.listNetworks({ filters: { label }, ...patience() });
      for (const network of found.filter((each) => this.#concerns(each))) {
        if ((this.#users.get(network.Name)?.size ?? 0) === 0) await this.#remove(network);
        else if (isShared(network)) this.#overlays.found(idOf(network));
      }
    } catch {
      // The engine is gone: it is done with the next task, or when the node starts again.
    }
  }

  /** Made by this node, or used by its tasks: other nodes with the same engine have theirs. */
  #concerns({ Name: name, Labels: labels }: EngineNetwork): boolean {
    return isOf(this.#owner, labels) || this.#users.has(name);
  }

  /** Where something else is in the network it stays, until it is looked at again. */
  async #remove(network: EngineNetwork): Promise<void> {
    this.#users.delete(network.Name);
    try {
      await this.#docker.getNetwork(network.Id).remove(patience());
      if (isShared(network)) await this.#overlays.removed(idOf(network));
    } catch (error) {
      if (statusOf(error) === null) throw error;
    }
  }

  /** False: it is there already. */
  async #make(network: AttachedNetwork): Promise<boolean> {
    const options = networkOptions(network, this.#owner, this.#overlays.mtuOf(network.id));
    try {
      await this.#docker.createNetwork({ ...options, ...patience() });
      return true;
    } catch (error) {
      if (statusOf(error) === 409 || (await this.#isThere(options.Name))) return false;
      throw error;
    }
  }

  /** Another process may be making it, which is no conflict until it is made. */
  async #isThere(name: string): Promise<boolean> {
    return inTime(this.#docker.getNetwork(name).inspect()).then(
      () => true,
      () => false,
    );
  }

  #inTurn<T>(act: () => Promise<T>): Promise<T> {
    const turn = this.#last.then(act, act);
    this.#last = turn.catch(() => undefined);
    return turn;
  }
}

type EngineNetwork = Pick<Docker.NetworkInspectInfo, "Name" | "Id" | "Labels">;

function idOf({ Labels: labels }: EngineNetwork): string {
  return labels?.[networkLabel] ?? "";
}

/** True of an overlay's. */
function isShared(network: EngineNetwork): boolean {
  return network.Name.endsWith(`.${idOf(network)}`);
}

/** Why the overlay can't be on this machine; null: it can. */
function clashOf({ id, spec, overlay }: AttachedNetwork): string | null {
  const clash = overlay === null ? null : clashWith(overlay.subnet, bridgeOf(id));
  if (clash === null || overlay === null) return null;
  const what = `network ${spec.name} has ${overlay.subnet}, and this node is in ${clash} itself`;
  return `${what}: make the network with another --subnet, or the cluster with another pool`;
}
