import type { ClusterCa, JoinTokens } from "../../core/model/certificate.ts";
import type { Cluster } from "../../core/model/cluster.ts";
import { EventKind, type Kernel } from "../kernel.ts";
import type { Commit } from "../world/history.ts";
import type { Host } from "../world/host.ts";
import type { PartialObserver } from "../world/observer.ts";
import type { PlannedMachine } from "../world/plan.ts";

/** How long users wait for all founders, in microseconds; then they join their machines. */
const patience = 5_000_000;
/** What it takes to copy a token from one terminal to the next. */
const typing = 1_000;

/** In the place of a token's secret: nobody's. */
const wrongSecret = "0".repeat(25);

/**
 * The users of machines that are not yet in the cluster: give each the join token of its role, as
 * `docker swarm join` does, and the new one when tokens have changed meanwhile. Some have noted the
 * first one, or a wrong one, and hear of no other until they are told.
 */
export class Joining implements PartialObserver {
  readonly #kernel: Kernel;
  readonly #hosts: readonly Host[];
  readonly #machines: ReadonlyMap<string, PlannedMachine>;

  constructor(kernel: Kernel, hosts: readonly Host[], machines: readonly PlannedMachine[]) {
    this.#kernel = kernel;
    this.#hosts = hosts;
    this.#machines = new Map(machines.map((machine) => [machine.name, machine]));
  }

  committed({ clusters }: Commit): void {
    for (const { current } of clusters) {
      if (current !== null && current.ca !== null) this.#join(current, current.ca);
    }
  }

  /** The user types this one in, whatever the machine had before. */
  give(host: Host, tokens: JoinTokens): void {
    if (host.signer.held.certificate !== null) return;
    host.join(tokens[this.#machines.get(host.name)?.role ?? "worker"]);
  }

  #join({ meta }: Cluster, { joinTokens, founding }: ClusterCa): void {
    const delay = founding.length === 0 ? typing : patience;
    const waiting = this.#hosts.filter((host) => host.signer.held.certificate === null);
    for (const host of waiting) {
      const isFounder = host.config.managers.includes(host.name);
      const tokens = isFounder ? null : this.#noted(host, joinTokens);
      if (tokens === null) continue;
      const what = `${host.name} is told the token of version ${meta.version}`;
      this.#kernel.schedule(delay, EventKind.STEP, host.number, what, () => {
        if (host.signer.held.certificate !== null) return false;
        this.give(host, tokens);
        return true;
      });
    }
  }

  /** What the machine's user takes the tokens to be; null: no more is to be learned. */
  #noted({ name, signer }: Host, tokens: JoinTokens): JoinTokens | null {
    const kind = this.#machines.get(name)?.token ?? "current";
    if (kind === "current") return tokens;
    if (signer.token !== null) return null;
    const wrong = tokens.worker.replace(/[^-]*$/, wrongSecret);
    return kind === "first" ? tokens : { worker: wrong, manager: wrong };
  }
}
