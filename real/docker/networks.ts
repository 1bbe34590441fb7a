import type Docker from "dockerode";
import { type AttachedNetwork, isPredefined } from "../../core/model/network.ts";
import type { Task } from "../../core/model/task.ts";
import { dockerIpam } from "../docker-api/map/network.ts";
import { patience, reasonOf, statusOf } from "./client.ts";
import {
  type EngineAttachment,
  endpointOf,
  type Owner,
  ownLabelsOf,
  serviceOf,
} from "./convert.ts";

/** What goes from node to node is to be encrypted: a bridge's packets stay on theirs. */
const encrypted = "encrypted";
const networkLabel = "simswarm.network.id";

/** Where a task is to be attached, the first one first. Throws when a network is gone. */
export function attachmentsOf(task: Task, owner: Owner): EngineAttachment[] {
  return task.spec.networks.map(({ target, aliases, driverOptions }) => {
    const options = driverOptions ?? new Map<string, string>();
    if (isPredefined(target)) return { name: target, aliases: [], options };
    const network = task.networks.find(({ id }) => id === target);
    if (network === undefined) throw new Error(`network ${target} is gone`);
    return { name: nameOf(network, owner), aliases: [...aliases, serviceOf(task)], options };
  });
}

/** Each node has its own, also where several share an engine. */
function nameOf({ id, spec }: AttachedNetwork, { nodeId }: Owner): string {
  return `${spec.name}.${id}.${nodeId}`;
}

/**
 * The bridges that stand for the cluster's networks on this node. One is made for the first task
 * that is attached to it, and goes with the last.
 */
export class EngineNetworks {
  readonly #docker: Docker;
  readonly #owner: Owner;
  /** The tasks that use each, by its name on the engine. */
  readonly #users = new Map<string, Set<string>>();
  /** Makes and removes one after the other, so that none goes that is about to be used. */
  #last: Promise<unknown> = Promise.resolve();

  constructor(docker: Docker, owner: Owner) {
    this.#docker = docker;
    this.#owner = owner;
  }

  /** Makes those that the task needs and that are not there. Rejects with the engine's reason. */
  async prepare(task: Task): Promise<void> {
    if (task.networks.length === 0) return;
    const names = task.networks.map((network) => nameOf(network, this.#owner));
    this.uses(task.id, names);
    await this.#inTurn(async () => {
      for (const network of task.networks) await this.#make(network);
    });
  }

  /** The task's container is attached to these already; some may be the engine's own. */
  uses(task: string, names: readonly string[]): void {
    for (const name of names) {
      if (!name.endsWith(`.${this.#owner.nodeId}`)) continue;
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
      const label = [...ownLabelsOf(this.#owner), networkLabel];
      const found = await this.#docker.listNetworks({ filters: { label }, ...patience() });
      for (const { Name: name, Id: id } of found) {
        if ((this.#users.get(name)?.size ?? 0) === 0) await this.#remove(name, id);
      }
    } catch {
      // The engine is gone: it is done with the next task, or when the node starts again.
    }
  }

  /** Where something else is in the network it stays, until it is looked at again. */
  async #remove(name: string, id: string): Promise<void> {
    this.#users.delete(name);
    try {
      await this.#docker.getNetwork(id).remove(patience());
    } catch (error) {
      if (statusOf(error) === null) throw error;
    }
  }

  async #make(network: AttachedNetwork): Promise<void> {
    const { labels, options, internal, enableIpv6 } = network.spec;
    const owned = ownLabelsOf(this.#owner).map((each) => each.split("=") as [string, string]);
    try {
      await this.#docker.createNetwork({
        Name: nameOf(network, this.#owner),
        CheckDuplicate: true,
        Driver: "bridge",
        Internal: internal,
        EnableIPv6: enableIpv6,
        IPAM: dockerIpam(network.spec),
        Options: Object.fromEntries([...options].filter(([name]) => name !== encrypted)),
        Labels: Object.fromEntries([...labels, ...owned, [networkLabel, network.id]]),
        ...patience(),
      });
    } catch (error) {
      if (statusOf(error) !== 409) throw error;
    }
  }

  #inTurn(act: () => Promise<void>): Promise<void> {
    const turn = this.#last.then(act, act);
    this.#last = turn.catch(() => undefined);
    return turn;
  }
}

/** Attaches a container to these. Rejects with the engine's reason. */
export async function connectTo(
  docker: Docker,
  container: string,
  attachments: readonly EngineAttachment[],
): Promise<void> {
  for (const attachment of attachments) {
    try {
      await docker.getNetwork(attachment.name).connect({
        Container: container,
        EndpointConfig: endpointOf(attachment),
        ...patience(),
      });
    } catch (error) {
      if (!reasonOf(error).includes("already exists in network")) throw error;
    }
  }
}
