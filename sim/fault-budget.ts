import { hasRoom } from "./core-choice.ts";
import type { History } from "./history.ts";
import type { Host } from "./host.ts";
import { areQuorum } from "./memberships.ts";
import type { Operator } from "./operator.ts";
import { replicasMost } from "./users.ts";

interface BudgetWorld {
  readonly hosts: readonly Host[];
  readonly managers: readonly Host[];
  readonly history: History;
  readonly operators: readonly Operator[];
}

/**
 * Says what may be destroyed for good, so that a cluster that does not recover is always a bug: the
 * managers whose disks are whole always are a quorum in the eyes of all, and the other machines have
 * room for every service. TigerBeetle's ClusterFaultAtlas does so for its replicas.
 */
export class FaultBudget {
  readonly #world: BudgetWorld;
  readonly #damaged = new Set<Host>();

  constructor(world: BudgetWorld) {
    this.#world = world;
  }

  /** Takes the disk of this machine from the budget; false: it must stay whole. */
  spend(host: Host): boolean {
    if (!this.#damaged.has(host) && !this.#isAffordable(host)) return false;
    this.#damaged.add(host);
    return true;
  }

  /** Whether this one may stop being a manager: not while a quorum hangs on it. */
  mayDemote(host: Host): boolean {
    const managers = this.#world.managers;
    const isSpent = managers.some((manager) => this.#damaged.has(manager));
    return !isSpent || this.#damaged.has(host);
  }

  #isAffordable(host: Host): boolean {
    const { hosts, managers, history, operators } = this.#world;
    const isWhole = (each: Host) => each !== host && !this.#damaged.has(each);
    if (operators.some(({ changesRoles }) => changesRoles)) return false;
    if (managers.some(({ raft }) => raft?.changePending === true)) return false;
    const whole = managers.filter(isWhole);
    return areQuorum(whole, managers) && hasRoom(hosts.filter(isWhole), history.view, replicasMost);
  }
}
