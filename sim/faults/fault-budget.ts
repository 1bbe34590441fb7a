import { hasRoom } from "../liveness/core-choice.ts";
import type { Operator } from "../users/operator.ts";
import { replicasMost } from "../users/operator.ts";
import type { History } from "../world/history.ts";
import type { Host } from "../world/host.ts";
import { areQuorum } from "../world/memberships.ts";

interface BudgetWorld {
  readonly hosts: readonly Host[];
  readonly managers: readonly Host[];
  readonly history: History;
  readonly operators: readonly Operator[];
}

/**
 * Says what may be destroyed for good, so that a cluster that does not recover is always a bug: the
 * managers whose disks are whole always are a quorum in the eyes of all, and the other machines
 * have room for every service. TigerBeetle's ClusterFaultAtlas does so for its replicas.
 */
export class FaultBudget {
  readonly #world: BudgetWorld;

  constructor(world: BudgetWorld) {
    this.#world = world;
  }

  /** Whether the disk of this machine may be destroyed. */
  mayDamage(host: Host): boolean {
    const { hosts, managers, history, operators } = this.#world;
    if (!isWhole(host)) return true;
    if (operators.some(({ changesRoles }) => changesRoles)) return false;
    if (managers.some(({ raft }) => raft?.changePending === true)) return false;
    const left = (each: Host) => each !== host && isWhole(each);
    if (!areQuorum(managers.filter(left), managers)) return false;
    const replicas = operators.length === 0 ? 0 : replicasMost;
    return hasRoom(hosts.filter(left), history.view, replicas);
  }

  /** Whether this one may stop being a manager: not while a quorum hangs on it. */
  mayDemote(host: Host): boolean {
    return !isWhole(host) || this.#world.managers.every(isWhole);
  }
}

/** True for a machine whose disk has all that it ever held, and will have. */
export function isWhole(host: Host): boolean {
  return !host.disk.isDoomed && !host.isWiped && !host.losesDisk;
}
