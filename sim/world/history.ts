import { assert } from "../../core/base/assert.ts";
import { noBug } from "../../core/base/planted.ts";
import type { StoreEntry, StoreObject } from "../../core/model/change.ts";
import type { Cluster } from "../../core/model/cluster.ts";
import type { Node } from "../../core/model/node.ts";
import type { Service } from "../../core/model/service.ts";
import type { Task } from "../../core/model/task.ts";
import type { NodeEvent } from "../../core/node/event.ts";
import { storeSnapshot } from "../../core/node/payload.ts";
import { type EventOf, eventOf, type StoreEvent } from "../../core/store/event.ts";
import { type AppliedEntry, Store, type StoreSnapshot } from "../../core/store/store.ts";
import type { StoreView } from "../../core/store/view.ts";
import type { Host } from "./host.ts";
import type { Applied } from "./observer.ts";

/** One entry at the moment when it first took effect anywhere. */
export interface Commit {
  readonly index: number;
  readonly entry: StoreEntry | null;
  readonly applied: AppliedEntry;
  readonly events: readonly StoreEvent[];
  /** Of `events` those of what changes most, each kind in its order. */
  readonly tasks: readonly EventOf<Task>[];
  readonly nodes: readonly EventOf<Node>[];
  readonly services: readonly EventOf<Service>[];
  readonly clusters: readonly EventOf<Cluster>[];
  readonly host: Host;
  /** A manager goes on alone: `events` lead from what was to what it had, which may be older. */
  readonly isForced: boolean;
}

/**
 * What the cluster as a whole has decided: the entries in the order in which they were first
 * applied, and the store that follows from them. It is what a checker holds every copy against.
 */
export class History {
  #store = new Store(noBug);
  #incarnation = 0;
  readonly #onCommit: (commit: Commit) => void;

  constructor(onCommit: (commit: Commit) => void) {
    this.#onCommit = onCommit;
  }

  /** The state of the cluster, as of the newest entry that anyone has applied. */
  get view(): StoreView {
    return this.#store;
  }

  /** Of the cluster: another one each time that a manager has gone on alone. */
  get incarnation(): number {
    return this.#incarnation;
  }

  /** All that a manager's store must hold, as of the newest entry that anyone has applied. */
  snapshot(): StoreSnapshot {
    return this.#store.snapshot();
  }

  happened(host: Host, event: NodeEvent): void {
    if (event.kind === "forced") this.#restart(host, event);
  }

  entryApplied(host: Host, { index, entry }: Applied): void {
    if (host.incarnation < this.#incarnation || index <= this.#store.index) return;
    assert(index === this.#store.index + 1, "entries are first applied in order");
    const applied = this.#store.apply(entry, index);
    const byKind = sortedByKind(applied.events);
    this.#onCommit({ index, entry, applied, ...byKind, host, isForced: false });
  }

  #restart(host: Host, { incarnation, snapshot }: NodeEvent & { kind: "forced" }): void {
    const before = this.#store.snapshot().objects;
    const store = new Store(noBug);
    store.restore(storeSnapshot(snapshot.payload));
    this.#store = store;
    this.#incarnation = incarnation;
    const byKind = sortedByKind(differences(before, store.snapshot().objects));
    const applied = { transactions: [], events: [] };
    this.#onCommit({
      index: snapshot.index,
      entry: null,
      applied,
      ...byKind,
      host,
      isForced: true,
    });
  }
}

function sortedByKind(
  events: readonly StoreEvent[],
): Pick<Commit, "events" | "tasks" | "nodes" | "services" | "clusters"> {
  const tasks: EventOf<Task>[] = [];
  const nodes: EventOf<Node>[] = [];
  const services: EventOf<Service>[] = [];
  const clusters: EventOf<Cluster>[] = [];
  for (const event of events) {
    if (event.kind === "task") tasks.push(event);
    else if (event.kind === "node") nodes.push(event);
    else if (event.kind === "service") services.push(event);
    else if (event.kind === "cluster") clusters.push(event);
  }
  return { events, tasks, nodes, services, clusters };
}

/** Nodes and the cluster are written anew by whoever goes on alone, under their old versions. */
function differences(from: readonly StoreObject[], to: readonly StoreObject[]): StoreEvent[] {
  const keyOf = ({ kind, id }: StoreObject) => `${kind} ${id}`;
  const before = new Map(from.map((object) => [keyOf(object), object]));
  const after = new Map(to.map((object) => [keyOf(object), object]));
  const actor = "control";
  const gone = from.filter((object) => !after.has(keyOf(object)));
  const removed = gone.map((previous) => eventOf(actor, previous, null));
  const changed = to.flatMap((current) => {
    const previous = before.get(keyOf(current)) ?? null;
    const isSame = previous?.meta.version === current.meta.version && current.kind === "task";
    return isSame ? [] : [eventOf(actor, previous, current)];
  });
  return [...removed, ...changed];
}
