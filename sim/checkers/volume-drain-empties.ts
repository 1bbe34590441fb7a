import { isTerminal, isWanted, TaskState } from "../../core/model/task-state.ts";
import type { Member } from "../../core/node/member.ts";
import type { Kernel } from "../kernel.ts";
import type { Commit, History } from "../world/history.ts";
import type { Host } from "../world/host.ts";
import { BrokenInvariant, type Checker } from "./checker.ts";
import { Overdue } from "./overdue.ts";

/** A leader that works without a break has this long, to commit what it has decided. */
const patience = 30_000_000;

/** No task that has a node mounts a volume that is drained: those that did are asked to stop. */
export class VolumeDrainEmpties implements Checker {
  readonly name = "volume-drain-empties";
  readonly source = "SwarmKit orchestrator/volumeenforcer";
  checks = 0;
  readonly #kernel: Kernel;
  readonly #history: History;
  /** Tasks on a node that mount a drained volume and are still wanted, by name. */
  #kept = new Set<string>();
  readonly #overdue = new Overdue(patience);

  constructor(kernel: Kernel, history: History) {
    this.#kernel = kernel;
    this.#history = history;
  }

  committed({ events, tasks }: Commit): void {
    const isOther = events.some(({ kind }) => kind === "volume" || kind === "node");
    if (!isOther && tasks.length === 0) return;
    const kept = new Set(this.#drained().flatMap((name) => this.#tasksWith(name)));
    for (const task of this.#kept) if (!kept.has(task)) this.#overdue.delete(task);
    for (const task of kept) this.#overdue.add(task, this.#kernel.now);
    this.#kept = kept;
  }

  leading(host: Host, member: Member): void {
    if (this.#overdue.isAny) this.checks += 1;
    const task = this.#overdue.leftBy(host, member, this.#kernel.now);
    if (task === null) return;
    const detail = `${task} is still wanted, and mounts a volume that is drained`;
    throw new BrokenInvariant(this.name, host.name, detail);
  }

  #drained(): string[] {
    const volumes = [...this.#history.view.volumes.values()];
    return volumes.filter(({ spec }) => spec.availability === "drain").map(({ spec }) => spec.name);
  }

  #tasksWith(volume: string): string[] {
    const { view } = this.#history;
    const nodeId = view.named("volume", volume)?.nodeId;
    const tasks = nodeId == null ? [] : [...view.tasksOnNode(nodeId).values()];
    const mounting = tasks.filter(({ desiredState, status, spec }) => {
      if (!isWanted(desiredState) || isTerminal(status.state)) return false;
      if (status.state < TaskState.ASSIGNED) return false;
      return spec.container.mounts.some(
        (mount) => mount.source === volume && mount.kind === "cluster",
      );
    });
    return mounting.map(({ name }) => name);
  }
}
