import { parentPort, workerData } from "node:worker_threads";
import type { Route } from "../../core/model/ingress.ts";
import { Mesh } from "./mesh.ts";

/** The thread that carries the connections, so that no heartbeat waits for them. */

const mesh = new Mesh({
  host: (workerData as { readonly host: string | null }).host,
  notice: (notice) => parentPort?.postMessage(notice),
});
parentPort?.on("message", (route: Route) => mesh.route(route));
