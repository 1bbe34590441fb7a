import { found } from "../../core/base/gather.ts";
import { takesTasks } from "../../core/model/node.ts";
import { isOnEveryNode, type Service } from "../../core/model/service.ts";
import { isOfPresentRun, type Task } from "../../core/model/task.ts";
import { isWanted } from "../../core/model/task-state.ts";
import { isUnfinished } from "../../core/model/update-config.ts";
import type { NodeEvent } from "../../core/node/event.ts";
import type { StoreView } from "../../core/store/view.ts";
import { isMeantFor } from "../liveness/wanted.ts";
import type { Commit } from "../world/history.ts";
import type { Host } from "../world/host.ts";
import { BrokenInvariant, type CheckedWorld, type Checker } from "./checker.ts";
import { isOutdated } from "./outdated.ts";

const second = 1_000_000;
/**
 * Longer than anything keeps a leader from acting that has a quorum. One that has none finds out
 * within two election timeouts, which come on top.
 */
const patience = 30 * second;
/** A leader that does nothing for this long was paused: its time does not count. */
const longestStep = 5 * second;

/**
 * A leader that has led for a while has made a task of every global service for every node that
 * takes tasks and is meant for it. Whether the task finds room there is another matter.
 */
export class GlobalOnEveryNode implements Checker {
  readonly name = "global-on-every-node";
  readonly source = "SwarmKit design/orchestrators.md: global; InDesiredState of design/tla";
  checks = 0;
  readonly #world: CheckedWorld;
  /** Since when nodes have been left out, by service and node. */
  readonly #missing = new Map<string, Map<string, number>>();
  #steppedAt = 0;

  constructor(world: CheckedWorld) {
    this.#world = world;
  }

  committed({ tasks, nodes, services: commands }: Commit): void {
    const { services } = this.#world.history.view;
    const changed = new Set<string>(nodes.length > 0 ? services.keys() : []);
    for (const { id } of commands) changed.add(id);
    for (const { previous, current } of tasks) {
      const { slot, serviceId } = (current ?? previous) as Task;
      if (slot === 0 && !staysWanted(previous, current)) changed.add(serviceId);
    }
    for (const id of changed) this.#look(id, services.get(id));
  }

  /** Each leader has its own while. */
  happened(_host: Host, event: NodeEvent): void {
    if (event.kind === "manager-started" || event.kind === "manager-stopped") this.#beginAnew();
  }

  leading(host: Host): void {
    if (this.#missing.size === 0) return;
    this.checks += 1;
    const { now } = this.#world.kernel;
    if (now - this.#steppedAt > longestStep) this.#beginAnew();
    this.#steppedAt = now;
    const { tickInterval, electionTicks } = host.config.raft;
    const late = now - patience - 2 * tickInterval * electionTicks;
    for (const [id, nodes] of this.#missing) {
      for (const [node, since] of nodes) if (since < late) this.#complain(host, id, node);
    }
  }

  #look(id: string, service: Service | undefined): void {
    const before = this.#missing.get(id);
    this.#missing.delete(id);
    if (service === undefined || !isOnEveryNode(service.spec)) return;
    const { now } = this.#world.kernel;
    const nodes = leftOut(this.#world.history.view, service);
    if (nodes.length === 0) return;
    this.#missing.set(id, new Map(nodes.map((node) => [node, before?.get(node) ?? now])));
  }

  #beginAnew(): void {
    const { now } = this.#world.kernel;
    for (const nodes of this.#missing.values()) {
      for (const node of nodes.keys()) nodes.set(node, now);
    }
  }

  #complain(host: Host, id: string, node: string): never {
    const name = this.#world.history.view.services.get(id)?.spec.name ?? id;
    const detail = `${name} has had no task on ${node} for more than half a minute`;
    throw new BrokenInvariant(this.name, host.name, detail);
  }
}

/** True of a task that was wanted, and is: it counts as before. */
function staysWanted(previous: Task | null, current: Task | null): boolean {
  if (previous === null || current === null) return false;
  return isWanted(previous.desiredState) && isWanted(current.desiredState);
}

/** Nodes for which the service should have a task and has none that is wanted or given up. */
function leftOut(view: StoreView, service: Service): string[] {
  const kept = new Set<string | null>();
  const mayCome = updateMayCome(view, service);
  for (const task of view.tasksOfService(service.id).values()) {
    if (isKept(view, service, task, mayCome)) kept.add(task.nodeId);
  }
  return found(view.nodes.values(), (node) =>
    takesTasks(node) && isMeantFor(service.spec.task, node) && !kept.has(node.id) ? node.id : null,
  );
}

/**
 * Where attempts are limited, whatever has been tried there may have been given up, until an update
 * that must replace it has come there.
 */
function isKept(view: StoreView, service: Service, task: Task, mayCome: boolean): boolean {
  if (!isOfPresentRun(service, task)) return false;
  const { condition, maxAttempts } = task.spec.restart;
  const isLimited = condition !== "any" || maxAttempts > 0 || task.jobIteration !== null;
  if (isWanted(task.desiredState)) return true;
  return isLimited && (mayCome || !isOutdated(view, service, task));
}

/** True while an update is under way, or rests until the leader has heard of all its nodes. */
function updateMayCome(view: StoreView, { id, updateStatus }: Service): boolean {
  if (isUnfinished(updateStatus)) return true;
  const isUnheard = ({ nodeId }: Task) => view.nodes.get(nodeId ?? "")?.status.state === "unknown";
  return [...view.tasksOfService(id).values()].some(isUnheard);
}
