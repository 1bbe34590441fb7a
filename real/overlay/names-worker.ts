import { parentPort } from "node:worker_threads";
import { NameServers, type NamesOrder } from "./name-servers.ts";

/** The thread that answers for names, so that no heartbeat waits for those who ask. */

const servers = new NameServers({ notice: (notice) => parentPort?.postMessage(notice) });
parentPort?.on("message", (order: NamesOrder) => servers.order(order));
