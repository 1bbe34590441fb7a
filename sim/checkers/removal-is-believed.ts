import { limits } from "../../core/base/limits.ts";
import type { DispatcherMessage } from "../../core/dispatch/message.ts";
import { type Cluster, isRemoved } from "../../core/model/cluster.ts";
import { speaks } from "../../core/model/level.ts";
import type { NodeEvent } from "../../core/node/event.ts";
import type { Commit } from "../world/history.ts";
import type { Host } from "../world/host.ts";
import { BrokenInvariant, type CheckedWorld, type Checker } from "./checker.ts";

/** As many as vouch for the present one, and that one. */
const rootsMost = limits.formerRoots + 1;

/**
 * A node that was removed takes its managers' word for it, whatever roots came since it was last
 * there: else it would go on for ever with what it runs.
 */
export class RemovalIsBelieved implements Checker {
  readonly name = "removal-is-believed";
  readonly source = "ours: in SwarmKit a node that has missed a rotation believes nobody";
  checks = 0;
  readonly #world: Pick<CheckedWorld, "history" | "forger">;
  /** Digests of the cluster's roots, the newest last, each with the word of the one before it. */
  #roots: string[] = [];

  constructor(world: Pick<CheckedWorld, "history" | "forger">) {
    this.#world = world;
  }

  committed({ clusters, isForced }: Commit): void {
    for (const { current } of clusters) {
      if (current === null || current.ca === null) continue;
      const { digest } = current.ca.root;
      if (isForced || !speaks(current, "formerRoots")) this.#roots = [];
      if (this.#roots.at(-1) !== digest) this.#roots.push(digest);
      this.#roots = this.#roots.slice(-rootsMost);
    }
  }

  dispatcherSent(_from: Host, to: string, { kind }: DispatcherMessage): void {
    if (kind === "registration-refused" && isRemoved(this.#cluster, to)) this.checks += 1;
  }

  happened(host: Host, event: NodeEvent): void {
    if (event.kind !== "denied" || !event.reason.endsWith("unknown authority")) return;
    const { forger, history } = this.#world;
    if (forger.isHeard || !isRemoved(this.#cluster, host.name)) return;
    if (history.view.nodes.get(event.from)?.role !== "manager" || !this.#knowsRoot(host)) return;
    const detail = `${host.name} was removed and does not believe ${event.from}, a manager`;
    throw new BrokenInvariant(this.name, host.name, detail);
  }

  get #cluster(): Cluster | null {
    return this.#world.history.view.cluster;
  }

  #knowsRoot({ signer }: Host): boolean {
    return signer.held.roots.some(({ digest }) => this.#roots.includes(digest));
  }
}
