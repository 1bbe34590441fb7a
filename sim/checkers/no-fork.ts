import type { NodeEvent } from "../../core/node/event.ts";
import { membershipIn } from "../../core/node/force-new-cluster.ts";
import { firstStanding } from "../../core/node/standing.ts";
import type { Host } from "../world/host.ts";
import { BrokenInvariant, type CheckedWorld, type Checker } from "./checker.ts";

/**
 * A manager that goes on alone is alone: those who are there are no quorum. From then on the
 * cluster that it left is over: nobody leads it or commits anything in it any more.
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
    const halves = votersKnownTo(host);
    const voters = [...new Set(halves.flat())];
    const there = this.#there(host, voters);
    const wasAlone = host.isRestored && voters.length === 1;
    const isQuorum = halves.every(
      (half) =>
        there.filter(({ memberId }) => half.includes(memberId ?? "")).length * 2 > half.length,
    );
    if (incarnation <= this.#newest || (isQuorum && !wasAlone)) {
      const names = there.map(({ name }) => name);
      const detail = `it goes on alone though of ${voters.length} voters ${names} are there`;
      throw new BrokenInvariant(this.name, host.name, detail);
    }
    this.#newest = incarnation;
  }

  /** Those of them that could answer, and itself. */
  #there(host: Host, voters: readonly string[]): Host[] {
    const { managers, network } = this.#world;
    const known = managers.filter(({ memberId }) => voters.includes(memberId ?? ""));
    return known.filter((other) => {
      const isCut =
        network.isCut(host.number, other.number) || network.isCut(other.number, host.number);
      return other === host || (other.state === "up" && !isCut);
    });
  }

  #led(host: Host, term: number): void {
    this.checks += 1;
    if (host.incarnation >= this.#newest) return;
    const detail = `it leads the old cluster in term ${term}, while another goes on without it`;
    throw new BrokenInvariant(this.name, host.name, detail);
  }
}

/**
 * By the log that it goes on with, which is on its disk until the new one is: both halves where the
 * membership is being changed.
 */
function votersKnownTo({ disk: { image }, config }: Host): readonly (readonly string[])[] {
  const { founders } = image.standing ?? firstStanding(config);
  const { voters, outgoing } = membershipIn(image.load(), founders);
  return [voters, outgoing].filter((half) => half.length > 0);
}
