import type { ListedNode, NodeSpec } from "../../core/model/node.ts";
import type { Service, ServiceSpec } from "../../core/model/service.ts";
import { type RealCluster, type RealNode, until } from "./real-cluster.ts";

/** Asks a real cluster for changes, by way of one of its nodes. */
export class User {
  readonly #cluster: RealCluster;
  readonly #node: RealNode;

  constructor(cluster: RealCluster, node = cluster.first) {
    this.#cluster = cluster;
    this.#node = node;
  }

  async create(spec: ServiceSpec): Promise<void> {
    await this.#node.client.command({ kind: "create-service", spec });
  }

  async service(name: string): Promise<Service> {
    const found = await this.#node.client.query({ kind: "get-service", name });
    return found[0] as Service;
  }

  async change(name: string, to: (spec: ServiceSpec) => ServiceSpec): Promise<void> {
    await inSequence(async () => {
      const { id, meta, spec } = await this.service(name);
      const { version } = meta;
      await this.#node.client.command({ kind: "update-service", id, version, spec: to(spec) });
    });
  }

  async scale(name: string, replicas: number): Promise<void> {
    await this.change(name, (spec) => ({ ...spec, mode: { kind: "replicated", replicas } }));
  }

  async remove(name: string): Promise<void> {
    const { id } = await this.service(name);
    await this.#node.client.command({ kind: "remove-service", id });
  }

  /** The running tasks of a service, as soon as there are exactly so many. */
  running(name: string, count: number) {
    return this.#cluster.running(name, count, this.#node.client);
  }

  async listed(name: string): Promise<ListedNode> {
    const nodes = await this.#cluster.listed(this.#node.client);
    const found = nodes.find(({ description }) => description.hostname === name);
    if (found === undefined) throw new Error(`${name} is not in the cluster`);
    return found;
  }

  async changeNode(name: string, to: Partial<NodeSpec>): Promise<void> {
    await inSequence(async () => {
      const { id, meta, spec } = await this.listed(name);
      const changed = { ...spec, ...to };
      const { version } = meta;
      await this.#node.client.command({ kind: "update-node", id, version, spec: changed });
    });
  }

  async ready(count: number): Promise<void> {
    await this.#cluster.ready(count, this.#node.client);
  }

  leader(): Promise<RealNode> {
    return until("a leader", async () => {
      const nodes = await this.#cluster.listed(this.#node.client);
      const found = nodes.find(({ managerStatus }) => managerStatus?.leader === true);
      return found === undefined ? null : this.#cluster.named(found.description.hostname);
    });
  }
}

/** Reads and writes again when the cluster itself has changed the object in between. */
async function inSequence(write: () => Promise<void>): Promise<void> {
  await until("a write in sequence", async () => {
    try {
      await write();
      return true;
    } catch (error) {
      if ((error as Error).message === "update out of sequence") return null;
      throw error;
    }
  });
}
