import type { NodeEvent } from "../../core/node/event.ts";
import { membershipIn } from "../../core/node/force-new-cluster.ts";
import { firstStanding } from "../../core/node/standing.ts";
import type { Raft } from "../../core/raft/raft.ts";
import type { Host } from "../world/host.ts";
import type { Applied } from "../world/observer.ts";
import { BrokenInvariant, type CheckedWorld, type Checker } from "./checker.ts";

/**
 * A manager that goes on alone is alone: those who are there are no quorum. From then on the
 * cluster that it left is over: nobody comes to lead it or commits anything new in it. Who was
 * stopped then may still hear votes and acknowledgements that were given before.
 */
export class NoFork implements Checker {
  readonly name = "no-fork";
  readonly source = "SwarmKit ForceNewCluster; moby/moby#30847, #34384";
  checks = 0;
  readonly #world: CheckedWorld;
  #newest = 0;
  /** How far the managers had come when the newest cluster began, by name. */
  #reached: ReadonlyMap<string, Pick<Raft, "term" | "lastIndex">> = new Map();

  constructor(world: CheckedWorld) {
    this.#world = world;
  }

  happened(host: Host, event: NodeEvent): void {
    if (event.kind === "forced") this.#forced(host, event);
    if (this.#newest === 0) return;
    if (event.kind !== "role" || event.role !== "leader") return;
    this.#led(host, event.term, event.term > (this.#reached.get(host.name)?.term ?? 0));
  }

  entryApplied(host: Host, { index }: Applied): void {
    if (this.#newest === 0 || host.raft?.role !== "leader") return;
    this.#led(host, host.raft.term, index > (this.#reached.get(host.name)?.lastIndex ?? 0));
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
    const reached = this.#world.managers.flatMap(({ name, raft }) =>
      raft === null ? [] : [[name, { term: raft.term, lastIndex: raft.lastIndex }] as const],
    );
    this.#reached = new Map(reached);
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

  #led(host: Host, term: number, isNew: boolean): void {
    this.checks += 1;
    if (host.incarnation >= this.#newest || !isNew) return;
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
