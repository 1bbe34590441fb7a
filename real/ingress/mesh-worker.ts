import { parentPort, workerData } from "node:worker_threads";
import type { Route } from "../../core/model/ingress.ts";
import { Mesh } from "./mesh.ts";
import { Traffic } from "./traffic.ts";

export interface MeshWorkerData {
  readonly host: string | null;
  /** Of `Traffic`. */
  readonly memory: SharedArrayBuffer;
}

/** The thread that carries the connections, so that no heartbeat waits for them. */

const { host, memory } = workerData as MeshWorkerData;
const mesh = new Mesh({
  host,
  traffic: new Traffic(memory),
  notice: (notice) => parentPort?.postMessage(notice),
});
parentPort?.on("message", (route: Route) => mesh.route(route));
