import type { Logger } from "pino";
import { portKey } from "../../core/model/endpoint.ts";
import type { Route } from "../../core/model/ingress.ts";
import type { Ingress } from "../../core/ports/ingress.ts";
import { RestartedThread } from "../restarted-thread.ts";
import type { MeshNotice } from "./mesh.ts";
import type { MeshWorkerData } from "./mesh-worker.ts";
import { Traffic } from "./traffic.ts";

/**
 * The mesh in a thread of its own, from the first published port on. Should the thread die, its
 * connections are lost.
 */
export class MeshThread implements Ingress {
  /** What it has carried. */
  readonly traffic = new Traffic();
  readonly #routes = new Map<string, Route>();
  readonly #thread: RestartedThread<Route, MeshNotice>;

  /** `host` is the address to listen on; null: all of this machine's. */
  constructor(host: string | null, log: Logger) {
    const workerData: MeshWorkerData = { host, memory: this.traffic.memory };
    this.#thread = new RestartedThread<Route, MeshNotice>({
      script: new URL("./mesh-worker.js", import.meta.url),
      workerData,
      orders: () => [...this.#routes.values()],
      heard: ({ level, port, text }) => log[level]({ port }, text),
      died: ({ message: reason }) => {
        this.traffic.lost();
        log.error({ reason }, "the thread that carries published ports has died");
      },
    });
  }

  route(route: Route): void {
    const key = portKey(route);
    if (route.backends.length > 0) this.#routes.set(key, route);
    else if (!this.#routes.delete(key)) return;
    this.#thread.tell(route);
  }

  close(): Promise<void> {
    return this.#thread.close();
  }
}
