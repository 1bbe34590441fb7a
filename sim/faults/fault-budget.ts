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
    const { hosts, history, operators } = this.#world;
    if (!isWhole(host)) return true;
    if (!this.#isSafeWithout(host)) return false;
    const replicas = operators.length === 0 ? 0 : replicasMost;
    const left = hosts.filter((each) => each !== host && isWhole(each));
    return hasRoom(left, history.view, replicas);
  }

  /** Whether all that the cluster knows is safe without this machine, which another replaces. */
  mayLeave(host: Host): boolean {
    return this.#isSafeWithout(host) && !this.#isOneDemoted();
  }

  #isSafeWithout(host: Host): boolean {
    const { managers, operators } = this.#world;
    if (operators.some(({ changesRoles }) => changesRoles)) return false;
    if (managers.some(({ raft }) => raft?.changePending === true)) return false;
    const left = managers.filter((each) => each !== host && isWhole(each));
    return areQuorum(left, managers);
  }

  /** Whether this one may stop being a manager: not while a quorum hangs on it. */
  mayDemote(host: Host): boolean {
    const { hosts, managers } = this.#world;
    if (!isWhole(host)) return true;
    return managers.every(isWhole) && !hosts.some((each) => each.hasLeft && this.#counts(each));
  }

  /** Some machine that has not left is to be a manager no more. */
  #isOneDemoted(): boolean {
    const { nodes } = this.#world.history.view;
    const isDemoted = ({ name }: Host) => nodes.get(name)?.spec.desiredRole === "worker";
    return this.#world.hosts.some((host) => !host.hasLeft && this.#counts(host) && isDemoted(host));
  }

  /** Whether the others take it for a manager. */
  #counts({ name }: Host): boolean {
    return (this.#world.history.view.nodes.get(name)?.raftId ?? null) !== null;
  }
}

/** True for a machine whose disk has all that it ever held, and will have. */
export function isWhole(host: Host): boolean {
  return !host.disk.isDoomed && !host.isWiped && !host.losesDisk && !host.hasLeft;
}
