import type { NamedService, NetworkPlan, ServicePlan } from "./service-words.ts";
import type { Selector, Settings } from "./topology-words.ts";

/** The words for what users ask of the cluster. */

/** Which of the tasks that were tried in one place, as they are listed. */
export type Attempt = "newest" | "oldest";

/** Something that users ask of the cluster. Each user does one thing after another. */
export type Command =
  | { readonly do: "create"; readonly service: NamedService }
  | { readonly do: "scale"; readonly service: string; readonly replicas: number }
  | { readonly do: "update"; readonly service: string; readonly change: Partial<ServicePlan> }
  | { readonly do: "rollback"; readonly service: string }
  | { readonly do: "rebalance"; readonly service: string }
  | { readonly do: "remove"; readonly service: string }
  | {
      readonly do: "remove-task";
      readonly service: string;
      readonly slot: number;
      readonly attempt: Attempt;
    }
  | {
      readonly do: "remove-task-on";
      readonly service: string;
      readonly nodes: Selector;
      readonly attempt: Attempt;
    }
  | {
      readonly do: "create-file";
      readonly table: "secret" | "config";
      readonly name: string;
      readonly data: string;
    }
  | { readonly do: "remove-file"; readonly table: "secret" | "config"; readonly name: string }
  | { readonly do: "create-volume"; readonly name: string }
  | {
      readonly do: "label-volume";
      readonly name: string;
      readonly labels: Readonly<Record<string, string>>;
    }
  | { readonly do: "remove-volume"; readonly name: string }
  | {
      readonly do: "volume-availability";
      readonly name: string;
      readonly availability: "active" | "pause" | "drain";
    }
  | {
      readonly do: "label-file";
      readonly table: "secret" | "config";
      readonly name: string;
      readonly labels: Readonly<Record<string, string>>;
    }
  | ({ readonly do: "create-network"; readonly name: string } & NetworkPlan)
  | { readonly do: "remove-network"; readonly name: string }
  | { readonly do: "rotate-root"; readonly to?: "outside" | "own" }
  | { readonly do: "rotate-unlock-key" }
  | { readonly do: "rotate-join-token"; readonly role: "manager" | "worker" }
  | { readonly do: "configure"; readonly change: Settings }
  | {
      readonly do: "availability";
      readonly nodes: Selector;
      readonly availability: "active" | "pause" | "drain";
    }
  | {
      readonly do: "label";
      readonly nodes: Selector;
      readonly labels: Readonly<Record<string, string>>;
    }
  | { readonly do: "role"; readonly nodes: Selector; readonly role: "manager" | "worker" }
  | { readonly do: "remove-node"; readonly nodes: Selector; readonly force: boolean };

export function create(created: NamedService): Command {
  return { do: "create", service: created };
}

export function scale(name: string, replicas: number): Command {
  return { do: "scale", service: name, replicas };
}

/** Changes parts of a service; tasks whose spec changes are replaced in a rolling update. */
export function update(name: string, change: Partial<ServicePlan>): Command {
  return { do: "update", service: name, change };
}

/** Back to the spec before the last change; once more, and it is undone. */
export function rollback(name: string): Command {
  return { do: "rollback", service: name };
}

/** The service's tasks move to nodes with less to do, one after the other. */
export function rebalance(name: string): Command {
  return { do: "rebalance", service: name };
}

export function remove(name: string): Command {
  return { do: "remove", service: name };
}

/**
 * The task of that slot stops and is forgotten: the newest that was tried there, or the oldest of
 * which the cluster still knows. The service goes on to want what it wants.
 */
export function removeTask(name: string, slot: number, attempt: Attempt = "newest"): Command {
  return { do: "remove-task", service: name, slot, attempt };
}

/** The same of the service's tasks on the nodes, one on each. */
export function removeTaskOn(name: string, nodes: Selector, attempt: Attempt = "newest"): Command {
  return { do: "remove-task-on", service: name, nodes, attempt };
}

/** A secret of this name and text exists from now on. */
export function createSecret(name: string, data: string): Command {
  return { do: "create-file", table: "secret", name, data };
}

/** The secret is gone, unless a service still names it. */
export function removeSecret(name: string): Command {
  return { do: "remove-file", table: "secret", name };
}

export function createConfig(name: string, data: string): Command {
  return { do: "create-file", table: "config", name, data };
}

export function removeConfig(name: string): Command {
  return { do: "remove-file", table: "config", name };
}

/** A volume of the cluster: its content is on the node of the first task that mounts it. */
export function createVolume(name: string): Command {
  return { do: "create-volume", name };
}

/** The volume has these labels, and no others. */
export function labelVolume(name: string, labels: Readonly<Record<string, string>>): Command {
  return { do: "label-volume", name, labels };
}

/** The volume is gone, unless a service still mounts it. */
export function removeVolume(name: string): Command {
  return { do: "remove-volume", name };
}

/** New tasks may mount the volume, or may not; those that have it keep it, unless it is drained. */
export function volumeAvailability(
  name: string,
  availability: "active" | "pause" | "drain",
): Command {
  return { do: "volume-availability", name, availability };
}

/** The secret has these labels, and no others; whoever has it keeps what it was given. */
export function labelSecret(name: string, labels: Readonly<Record<string, string>>): Command {
  return { do: "label-file", table: "secret", name, labels };
}

/** The same of a config. */
export function labelConfig(name: string, labels: Readonly<Record<string, string>>): Command {
  return { do: "label-file", table: "config", name, labels };
}

/** A network of this name exists from now on. */
export function createNetwork(name: string, plan: NetworkPlan = {}): Command {
  return { do: "create-network", name, ...plan };
}

/** The network is gone, unless a service is still attached to it. */
export function removeNetwork(name: string): Command {
  return { do: "remove-network", name };
}

/**
 * Replaces the root of all certificates by a new one, node by node; `outside`: by that of
 * `outsideCas`, whose key the managers do not get; `own`: by one that users bring with its key,
 * the same each time.
 */
export function rotateRoot(to?: "outside" | "own"): Command {
  return { do: "rotate-root", ...(to && { to }) };
}

/** Whoever has the old token of that role can't join with it any more. */
export function rotateJoinToken(role: "manager" | "worker"): Command {
  return { do: "rotate-join-token", role };
}

/** Managers keep what they keep under another key; refused unless `autoLock` is on. */
export function rotateUnlockKey(): Command {
  return { do: "rotate-unlock-key" };
}

/** Changes settings of the running cluster. */
export function configure(change: Settings): Command {
  return { do: "configure", change };
}

/** The nodes give up their tasks and take no new ones. */
export function drain(nodes: Selector): Command {
  return { do: "availability", nodes, availability: "drain" };
}

/** The nodes keep their tasks and take no new ones. */
export function pauseScheduling(nodes: Selector): Command {
  return { do: "availability", nodes, availability: "pause" };
}

export function activate(nodes: Selector): Command {
  return { do: "availability", nodes, availability: "active" };
}

/** The nodes have these labels, and no others: a constraint reads them as `node.labels.NAME`. */
export function label(nodes: Selector, labels: Readonly<Record<string, string>>): Command {
  return { do: "label", nodes, labels };
}

/** The nodes are to be managers: each takes part in Raft once it has caught up. */
export function promote(nodes: Selector): Command {
  return { do: "role", nodes, role: "manager" };
}

/** The nodes are to be workers; refused where too few managers would be left. */
export function demote(nodes: Selector): Command {
  return { do: "role", nodes, role: "worker" };
}

/** The cluster forgets the nodes, which must be workers; with `force` even while they are up. */
export function removeNode(nodes: Selector, force = false): Command {
  return { do: "remove-node", nodes, force };
}
