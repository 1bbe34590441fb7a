import { found } from "../base/gather.ts";
import { sortedBy, sortedText } from "../base/order.ts";
import type { Planted } from "../base/planted.ts";
import type { Instant } from "../base/time.ts";
import { type ServingTask, servingTask } from "../model/ingress.ts";
import type { StoreEvent } from "../store/event.ts";
import type { StoreView } from "../store/view.ts";
import { Batch } from "./batch.ts";
import { isElsewhere } from "./elsewhere.ts";

/** What every node is to be told. */
export interface ServingNews {
  readonly serving: readonly ServingTask[];
  readonly ceased: readonly string[];
}

/** Nothing: most sets of assignments say so. */
export const noServingNews: ServingNews = { serving: [], ceased: [] };

/**
 * The tasks that serve the ports which services publish on every node: a function of the store, and
 * what of it has changed since all nodes were told. It costs what tasks with such ports cost.
 */
export class ServingTasks {
  readonly #view: StoreView;
  readonly #planted: Planted;
  readonly #serving = new Map<string, ServingTask>();
  /** Sorted; null: to be made again. */
  #all: readonly ServingTask[] | null = null;
  readonly #changed = new Set<string>();
  readonly #batch = new Batch();

  constructor(view: StoreView, planted: Planted) {
    this.#view = view;
    this.#planted = planted;
    for (const { id, status } of view.tasks.values()) {
      if (status.hostPorts !== undefined) this.#look(id);
    }
    this.#changed.clear();
  }

  /** When `takeNews` has something to say. */
  get deadline(): Instant {
    return this.#batch.deadline;
  }

  /** All there are, for a node that is told everything. */
  get all(): ServingNews {
    this.#all ??= sortedBy(this.#serving.values(), ({ task }) => task);
    return { serving: this.#all, ceased: [] };
  }

  applied({ kind, id, previous, current }: StoreEvent, now: Instant): void {
    if (kind === "task") {
      if ((previous?.status.hostPorts ?? current?.status.hostPorts) === undefined) return;
      this.#look(id);
    } else if (kind === "node") {
      if (!isElsewhere(previous, current)) return;
      for (const task of this.#view.tasksOnNode(id).values()) {
        if (task.status.hostPorts !== undefined) this.#look(task.id);
      }
    }
    if (this.#changed.size > 0) this.#batch.begin(now);
  }

  /** What has changed since the last call; null: nothing, or it waits for more. */
  takeNews(now: Instant): ServingNews | null {
    if (!this.#batch.take(now)) return null;
    const changed = sortedText(this.#changed);
    this.#changed.clear();
    return {
      serving: found(changed, (id) => this.#serving.get(id)),
      ceased: changed.filter((id) => !this.#serving.has(id)),
    };
  }

  #look(id: string): void {
    const task = this.#view.tasks.get(id);
    const node = this.#view.nodes.get(task?.nodeId ?? "");
    const serving = task === undefined ? null : servingTask(task, node);
    if (serving === null && (!this.#serving.has(id) || this.#planted === "N01")) return;
    if (serving === null) this.#serving.delete(id);
    else this.#serving.set(id, serving);
    this.#all = null;
    this.#changed.add(id);
  }
}
