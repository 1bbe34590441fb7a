import type { NodeEvent } from "../../core/node/event.ts";
import type { Host } from "../host.ts";
import { BrokenInvariant, type Checker } from "./checker.ts";

/**
 * Once a manager goes on alone, the cluster that it left is over: nobody leads it or commits
 * anything in it any more. Whoever still could was there to be asked, and must have been.
 */
export class NoFork implements Checker {
  readonly name = "no-fork";
  readonly source = "SwarmKit ForceNewCluster; moby/moby#30847, #34384";
  checks = 0;
  #newest = 0;

  happened(host: Host, event: NodeEvent): void {
    if (event.kind === "forced") this.#forced(host, event.incarnation);
    if (this.#newest === 0) return;
    if (event.kind === "role" && event.role === "leader") this.#led(host, event.term);
    if (event.kind === "applied" && host.raft?.role === "leader") this.#led(host, host.raft.term);
  }

  #forced(host: Host, incarnation: number): void {
    if (incarnation <= this.#newest) {
      throw new BrokenInvariant(this.name, host.name, "two managers have gone on alone");
    }
    this.#newest = incarnation;
  }

  #led(host: Host, term: number): void {
    this.checks += 1;
    if (host.incarnation >= this.#newest) return;
    const detail = `it leads the old cluster in term ${term}, while another goes on without it`;
    throw new BrokenInvariant(this.name, host.name, detail);
  }
}
