import { setTimeout as pause } from "node:timers/promises";
import type { Logger } from "pino";
import type { PeerNetwork } from "../grpc/peer-network.ts";

/** How often a node that joins looks for the manager it was told of. */
const lookEveryMs = 1_000;

/** How the manager to join by is looked for. */
export interface Search {
  /** Host and port, as the node was told. */
  readonly address: string;
  /** After this many tries it is given up; null: never. */
  readonly triesMost: number | null;
  readonly stopping: AbortSignal;
  readonly log: Logger;
}

/**
 * The id of the manager at that address, which proves it; a worker there may become one. Rejects
 * where a cluster answers that the join token is not for, after the last try, and when the node
 * stops.
 */
export async function findManager(network: PeerNetwork, search: Search): Promise<string> {
  const { address, triesMost, stopping, log } = search;
  for (let tries = 1; ; tries += 1) {
    try {
      const { id, certificate } = await network.discover(address);
      if (certificate?.role !== "worker") return id;
      throw new Error("it is a worker, which lets nobody in: name the address of a manager");
    } catch (error) {
      const { message: reason } = error as Error;
      if (reason.includes("unknown authority")) {
        throw new Error(`${address} is not of the cluster that the join token is for: ${reason}`);
      }
      if (tries === triesMost) throw new Error(`can't reach ${address}: ${reason}`);
      log.warn({ address, reason }, "can't reach the manager to join by");
      await pause(lookEveryMs, undefined, { signal: stopping });
    }
  }
}
