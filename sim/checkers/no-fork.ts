import type { NodeEvent } from "../../core/node/event.ts";
import type { Host } from "../world/host.ts";
import { BrokenInvariant, type CheckedWorld, type Checker } from "./checker.ts";

/**
 * A manager that goes on alone is alone: with those that are there it would be no quorum. From then
 * on the cluster that it left is over: nobody leads it or commits anything in it any more.
 */
export class NoFork implements Checker {
  readonly name = "no-fork";
  readonly source = "SwarmKit ForceNewCluster; moby/moby#30847, #34384";
  checks = 0;
  readonly #world: CheckedWorld;
  #newest = 0;

  constructor(world: CheckedWorld) {
    this.#world = world;
  }

  happened(host: Host, event: NodeEvent): void {
    if (event.kind === "forced") this.#forced(host, event);
    if (this.#newest === 0) return;
    if (event.kind === "role" && event.role === "leader") this.#led(host, event.term);
  }

  entryApplied(host: Host): void {
    if (this.#newest === 0) return;
    if (host.raft?.role === "leader") this.#led(host, host.raft.term);
  }

  #forced(host: Host, { incarnation }: NodeEvent & { kind: "forced" }): void {
    this.checks += 1;
    const there = this.#othersThere(host);
    const managers = this.#world.managers.length;
    if (incarnation <= this.#newest || (there.length + 1) * 2 > managers) {
      const detail = `it goes on alone though of ${managers} managers ${there} are there`;
      throw new BrokenInvariant(this.name, host.name, detail);
    }
    this.#newest = incarnation;
  }

  /** Managers that could answer. */
  #othersThere(host: Host): string[] {
    const { managers, network } = this.#world;
    const there = managers.filter((other) => {
      const isCut =
        network.isCut(host.number, other.number) || network.isCut(other.number, host.number);
      return other !== host && other.state === "up" && !isCut;
    });
    return there.map(({ name }) => name);
  }

  #led(host: Host, term: number): void {
    this.checks += 1;
    if (host.incarnation >= this.#newest) return;
    const detail = `it leads the old cluster in term ${term}, while another goes on without it`;
    throw new BrokenInvariant(this.name, host.name, detail);
  }
}
