import { noBug, type Planted } from "../base/planted.ts";
import type { Node } from "../model/node.ts";
import type { Task } from "../model/task.ts";
import { isWanted, TaskState } from "../model/task-state.ts";
import { isCharged, type NodeLoad, NodeLoads } from "../store/node-load.ts";
import type { StoreView } from "../store/view.ts";
import { type Candidate, candidateOf } from "./candidate.ts";

/**
 * The cluster's nodes with what they run and what this turn puts there, and a journal of which of
 * them changed: whoever keeps nodes in some order reads on from where it stopped.
 */
export class NodeSet {
  readonly #view: StoreView;
  readonly #planted: Planted;
  readonly #byId = new Map<string, Candidate>();
  #seats: Candidate[] = [];
  readonly #planned = new NodeLoads(noBug);
  #placements: { readonly candidate: Candidate; readonly task: Task }[] = [];
  /** Nodes that changed, the same one more than once; the first has number `#journalStart`. */
  #journal: Candidate[] = [];
  #journalStart = 0;

  constructor(view: StoreView, planted: Planted) {
    this.#view = view;
    this.#planted = planted;
    for (const node of view.nodes.values()) this.#seat(node);
  }

  get size(): number {
    return this.#byId.size;
  }

  of(node: string): Candidate | undefined {
    return this.#byId.get(node);
  }

  all(): Iterable<Candidate> {
    return this.#byId.values();
  }

  /** The number that the next change gets. */
  get end(): number {
    return this.#journalStart + this.#journal.length;
  }

  /**
   * Tells of the nodes that changed since `seen` was the end, each once. False: that is too long
   * ago to say.
   */
  tellSince(seen: number, follow: (changed: Candidate) => void): boolean {
    const start = this.#journalStart;
    if (seen < start) return false;
    for (let at = seen; at < this.end; at += 1) {
      const candidate = this.#journal[at - start] as Candidate;
      if (candidate.changedAt === at) follow(candidate);
    }
    return true;
  }

  noteNode(current: Node | null, id: string): void {
    const candidate = this.#byId.get(id);
    if (current === null) {
      if (candidate === undefined) return;
      candidate.node = null;
      this.#byId.delete(id);
      this.#changed(candidate);
      if (this.#seats.length > 2 * this.#byId.size + 100) this.#reseat();
    } else if (candidate === undefined) this.#changed(this.#seat(current));
    else {
      candidate.node = current;
      this.#reload(candidate);
    }
  }

  /** How much less the task takes than before: below 0 when it takes more. */
  noteTask(previous: Task | null, current: Task | null): number {
    const freed = weight(previous) - weight(current);
    if (freed === 0) return 0;
    const candidate = this.#byId.get((current ?? previous)?.nodeId ?? "");
    if (candidate !== undefined) this.#reload(candidate);
    return freed;
  }

  /** Counts a task as assigned, ahead of its commit. */
  plan(candidate: Candidate, assigned: Task): void {
    this.#planned.count(assigned, 1);
    this.#placements.push({ candidate, task: assigned });
    candidate.planned = this.#planned.of(candidate.id);
    this.#changed(candidate);
  }

  /** The turn is over: what it planned is in the store now. */
  endTurn(): void {
    for (const { candidate, task } of this.#placements) {
      this.#planned.count(task, -1);
      this.#reload(candidate);
    }
    this.#placements = [];
  }

  #seat(node: Node): Candidate {
    const candidate = candidateOf(node, this.#seats.length, this.#loadOf(node.id));
    this.#seats.push(candidate);
    this.#byId.set(node.id, candidate);
    return candidate;
  }

  #reload(candidate: Candidate): void {
    candidate.load = this.#loadOf(candidate.id);
    this.#changed(candidate);
  }

  #loadOf(id: string): NodeLoad {
    return this.#planted === "S01" ? withoutParked(this.#view, id) : this.#view.loadOf(id);
  }

  #changed(candidate: Candidate): void {
    candidate.changedAt = this.end;
    this.#journal.push(candidate);
    if (this.#journal.length <= 2 * this.#seats.length + 64) return;
    const dropped = this.#journal.length >> 1;
    this.#journal = this.#journal.slice(dropped);
    this.#journalStart += dropped;
  }

  /** Too many seats are empty. Whoever keeps an order must begin anew. */
  #reseat(): void {
    const nodes = [...this.#byId.values()].map(({ node }) => node as Node);
    this.#byId.clear();
    this.#seats = [];
    for (const node of nodes) this.#seat(node);
    this.#journalStart = this.end + 1;
    this.#journal = [];
  }
}

/** Only a planted bug overlooks tasks. */
function withoutParked(view: StoreView, id: string): NodeLoad {
  const loads = new NodeLoads(noBug);
  for (const task of view.tasksOnNode(id).values()) {
    if (task.desiredState >= TaskState.RUNNING) loads.count(task, 1);
  }
  return loads.of(id);
}

/** What of a task makes a difference to others on its node. */
function weight(task: Task | null): number {
  if (task === null || !isCharged(task)) return 0;
  return isWanted(task.desiredState) ? 2 : 1;
}
