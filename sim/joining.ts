import type { ClusterCa } from "../core/model/certificate.ts";
import type { Cluster } from "../core/model/cluster.ts";
import type { NodeRole } from "../core/model/node.ts";
import type { Commit } from "./history.ts";
import type { Host } from "./host.ts";
import { EventKind, type Kernel } from "./kernel.ts";
import type { PartialObserver } from "./observer.ts";

/** Users wait so long for all founding managers, in microseconds; then they join their machines. */
const patience = 5_000_000;
/** What it takes to copy a token from one terminal to the next. */
const typing = 1_000;

/**
 * The users of machines that are not yet in the cluster: give each the join token of its role, as
 * `docker swarm join` does, and the new one when tokens have changed meanwhile.
 */
export class Joining implements PartialObserver {
  readonly #kernel: Kernel;
  readonly #hosts: readonly Host[];
  /** What each machine is to be, by name. */
  readonly #roles: ReadonlyMap<string, NodeRole>;

  constructor(kernel: Kernel, hosts: readonly Host[], roles: ReadonlyMap<string, NodeRole>) {
    this.#kernel = kernel;
    this.#hosts = hosts;
    this.#roles = roles;
  }

  committed({ events }: Commit): void {
    for (const { current } of events) {
      if (current?.kind !== "cluster" || current.ca === null) continue;
      this.#join(current, current.ca);
    }
  }

  #join({ meta }: Cluster, { joinTokens, founding }: ClusterCa): void {
    const delay = founding.length === 0 ? typing : patience;
    const waiting = this.#hosts.filter((host) => host.signer.held.certificate === null);
    for (const host of waiting) {
      const isFounder = host.config.managers.includes(host.name);
      if (isFounder) continue;
      const what = `${host.name} is told the token of version ${meta.version}`;
      this.#kernel.schedule(delay, EventKind.STEP, host.number, what, () => {
        if (host.signer.held.certificate !== null) return false;
        host.join(joinTokens[this.#roles.get(host.name) ?? "worker"]);
        return true;
      });
    }
  }
}
