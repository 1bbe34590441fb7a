import type { Cluster } from "../../core/model/cluster.ts";
import type { Node } from "../../core/model/node.ts";
import type { Service } from "../../core/model/service.ts";
import type { Task } from "../../core/model/task.ts";
import type { Volume } from "../../core/model/volume.ts";
import type { StoreEvent } from "../../core/store/event.ts";
import type { StoreView } from "../../core/store/view.ts";
import type { Commit } from "../world/history.ts";

/** By commit, so that all checkers look back at the same. */
const known = new WeakMap<Commit, Before>();

/** What there was before an entry: all of the entry was decided against that. */
export class Before {
  readonly #view: StoreView;
  /** What the entry has changed, as it was: null is new. */
  readonly #changed = new Map<string, StoreEvent["previous"]>();

  private constructor(view: StoreView, { events }: Commit) {
    this.#view = view;
    for (const { id, previous } of events) {
      if (!this.#changed.has(id)) this.#changed.set(id, previous);
    }
  }

  /** `view` is what there is after the entry. */
  static of(view: StoreView, commit: Commit): Before {
    const before = known.get(commit) ?? new Before(view, commit);
    known.set(commit, before);
    return before;
  }

  /** What the entry has changed of this id, as it was; null: it is new. Undefined: nothing. */
  changed(id: string): StoreEvent["previous"] | undefined {
    return this.#changed.get(id);
  }

  get cluster(): Cluster | null {
    const changed = [...this.#changed.values()].find((each) => each?.kind === "cluster");
    return changed?.kind === "cluster" ? changed : this.#view.cluster;
  }

  get nodes(): { get(id: string): Node | undefined } {
    return { get: (id) => this.node(id) };
  }

  node(id: string | null): Node | undefined {
    const changed = this.changed(id ?? "");
    if (changed === undefined) return this.#view.nodes.get(id ?? "");
    return changed?.kind === "node" ? changed : undefined;
  }

  service(id: string): Service | undefined {
    const changed = this.changed(id);
    if (changed === undefined) return this.#view.services.get(id);
    return changed?.kind === "service" ? changed : undefined;
  }

  task(id: string | null): Task | undefined {
    const changed = this.changed(id ?? "");
    if (changed === undefined) return this.#view.tasks.get(id ?? "");
    return changed?.kind === "task" ? changed : undefined;
  }

  volumeNamed(name: string): Volume | undefined {
    const found = [...this.#view.volumes.values(), ...this.#changed.values()].filter(
      (each) =>
        each?.kind === "volume" && this.changed(each.id) !== null && each.spec.name === name,
    ) as Volume[];
    return found.pop();
  }

  tasksOfService(id: string): Task[] {
    return this.#tasks(this.#view.tasksOfService(id), ({ serviceId }) => serviceId === id);
  }

  tasksOnNode(id: string): Task[] {
    return this.#tasks(this.#view.tasksOnNode(id), ({ nodeId }) => nodeId === id);
  }

  #tasks(present: ReadonlyMap<string, Task>, isMeant: (task: Task) => boolean): Task[] {
    const unchanged = [...present.values()].filter(({ id }) => !this.#changed.has(id));
    const changed = [...this.#changed.values()].filter((each) => each?.kind === "task");
    return [...unchanged, ...(changed as Task[]).filter(isMeant)];
  }
}
