import { isEqual } from "../base/equal.ts";
import { sortedBy } from "../base/order.ts";
import type { Assignments } from "../dispatch/message.ts";
import { type PublishedPort, portKey } from "../model/endpoint.ts";
import type { Backend, Route, ServingTask } from "../model/ingress.ts";

/**
 * Where the ports that services publish on every node lead to, as the leader has said. A node that
 * hears no leader goes on with what it was told last.
 */
export class Routes {
  readonly #serving = new Map<string, ServingTask>();
  /** By port, then by task. */
  readonly #backends = new Map<string, Map<string, Backend>>();
  /** Ports whose backends are others since the last `takeChanged`. */
  readonly #changed = new Map<string, PublishedPort>();

  take({ type, serving, ceased }: Pick<Assignments, "type" | "serving" | "ceased">): void {
    if (serving.length + ceased.length === 0 && (type !== "complete" || this.#serving.size === 0))
      return;
    const listed = new Set(serving.map(({ task }) => task));
    const unlisted = [...this.#serving.keys()].filter((task) => !listed.has(task));
    for (const task of type === "complete" ? unlisted : ceased) this.#remove(task);
    for (const each of serving) {
      if (isEqual(this.#serving.get(each.task), each)) continue;
      this.#remove(each.task);
      this.#add(each);
    }
  }

  /** The node is in the cluster no more. */
  clear(): void {
    for (const task of [...this.#serving.keys()]) this.#remove(task);
  }

  takeChanged(): readonly Route[] {
    if (this.#changed.size === 0) return none;
    const routes = [...this.#changed].map(([key, port]) => ({ ...port, backends: this.#of(key) }));
    this.#changed.clear();
    return routes;
  }

  #add(serving: ServingTask): void {
    const { task, address } = serving;
    this.#serving.set(task, serving);
    for (const { protocol, publishedPort, hostPort: port } of serving.ports) {
      const key = portKey({ protocol, publishedPort });
      const backends = this.#backends.get(key) ?? new Map<string, Backend>();
      this.#backends.set(key, backends.set(task, { task, address, port }));
      this.#changed.set(key, { protocol, publishedPort });
    }
  }

  #remove(task: string): void {
    for (const { protocol, publishedPort } of this.#serving.get(task)?.ports ?? []) {
      const key = portKey({ protocol, publishedPort });
      const backends = this.#backends.get(key);
      backends?.delete(task);
      if (backends?.size === 0) this.#backends.delete(key);
      this.#changed.set(key, { protocol, publishedPort });
    }
    this.#serving.delete(task);
  }

  #of(key: string): Backend[] {
    return sortedBy(this.#backends.get(key)?.values() ?? [], ({ task }) => task);
  }
}

const none: readonly Route[] = [];
