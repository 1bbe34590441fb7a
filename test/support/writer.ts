import { setTimeout as pause } from "node:timers/promises";
import { serviceSpec } from "../../core/model/service-defaults.ts";
import type { ControlClient } from "../../real/api/control-client.ts";
import type { RealNode } from "./real-cluster.ts";

const pauseMs = 100;

/**
 * Writes all the while, by way of one manager after the other, and remembers what was acknowledged.
 * What it writes are services without replicas.
 */
export class Writer {
  /** Names of the services whose creation was acknowledged. */
  readonly acknowledged: string[] = [];
  readonly #clients: readonly ControlClient[];
  readonly #isOver: Promise<void>;
  #isStopping = false;
  #count = 0;

  constructor(name: string, nodes: readonly RealNode[]) {
    this.#clients = nodes.map((node) => node.newClient(2_000));
    this.#isOver = this.#write(name);
  }

  /** Resolves when so many more were acknowledged that were asked for after this call. */
  async progress(count = 1): Promise<void> {
    const asked = this.#count;
    const numbers = () => this.acknowledged.map((name) => Number(name.split("-").at(-1)));
    while (numbers().filter((number) => number > asked).length < count) await pause(10);
  }

  async stop(): Promise<void> {
    this.#isStopping = true;
    await this.#isOver;
    for (const client of this.#clients) client.close();
  }

  /** What was acknowledged and is not there. */
  async lost(client: ControlClient): Promise<readonly string[]> {
    const acknowledged = [...this.acknowledged];
    const services = await client.query({ kind: "list-services" });
    const names = new Set(services.map(({ spec }) => spec.name));
    return acknowledged.filter((name) => !names.has(name));
  }

  async #write(name: string): Promise<void> {
    while (!this.#isStopping) {
      this.#count += 1;
      const spec = serviceSpec(`${name}-${this.#count}`, "any", 0);
      const client = this.#clients[this.#count % this.#clients.length] as ControlClient;
      await client
        .command({ kind: "create-service", spec })
        .then(() => this.acknowledged.push(spec.name))
        .catch(() => undefined);
      await pause(pauseMs);
    }
  }
}
