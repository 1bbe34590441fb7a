import type { StoreObject } from "../../core/model/change.ts";
import { serviceNameOf } from "../../core/model/task.ts";
import type { NodeEvent } from "../../core/node/event.ts";
import type { StoreEvent } from "../../core/store/event.ts";
import type { Commit } from "../world/history.ts";
import type { Host } from "../world/host.ts";
import type { PartialObserver } from "../world/observer.ts";

/** How many of the newest changes of an object are known, and of the newest entries. */
const changesKept = 8;
const entriesKept = 2_000;

/** What one entry did to one object. */
export type ObjectChange = StoreEvent & {
  /** Microseconds since the start. */
  readonly at: number;
  readonly entry: KnownEntry;
};

/** An entry that took effect. */
export interface KnownEntry {
  readonly index: number;
  readonly term: number;
  /** The leader of its term; null: no leader of that term was seen. */
  readonly leader: string | null;
  readonly events: readonly StoreEvent[];
}

/** Which entries changed what of late: of every object that is, or was, in the store. */
export class Changes implements PartialObserver {
  readonly #now: () => number;
  readonly #leaders = new Map<number, string>();
  readonly #objects = new Map<string, ObjectChange[]>();
  readonly #entries = new Map<number, KnownEntry>();

  constructor(now: () => number) {
    this.#now = now;
  }

  happened(host: Host, event: NodeEvent): void {
    if (event.kind === "manager-started") this.#leaders.set(event.term, host.name);
  }

  committed({ index, entry: stored, events }: Commit): void {
    const term = stored?.term ?? 0;
    const entry = { index, term, leader: this.#leaders.get(term) ?? null, events };
    this.#entries.set(index, entry);
    this.#entries.delete(index - entriesKept);
    for (const event of events) {
      const key = keyOf((event.current ?? event.previous) as StoreObject);
      const known = this.#objects.get(key) ?? [];
      known.push({ ...event, at: this.#now(), entry });
      if (known.length > changesKept) known.shift();
      this.#objects.set(key, known);
    }
  }

  entry(index: number): KnownEntry | null {
    return this.#entries.get(index) ?? null;
  }

  /** The newest changes of an object, oldest first. */
  of(object: StoreObject): readonly ObjectChange[] {
    return this.#objects.get(keyOf(object)) ?? [];
  }

  /**
   * All that has such an id or name: those named by their id first, then what is stored, newest
   * first, and of what is gone the last of each name.
   */
  named(words: ReadonlySet<string>): StoreObject[] {
    const last = [...this.#objects.values()].map((changes) => changes.at(-1) as ObjectChange);
    const newestFirst = last.sort((left, right) => right.entry.index - left.entry.index);
    const byId = newestFirst.filter((change) => words.has(objectOf(change).id));
    const seen = new Set<string>();
    const byName = newestFirst.filter((change) => {
      const object = objectOf(change);
      if (words.has(object.id) || !words.has(nameOf(object))) return false;
      const name = `${object.kind} ${nameOf(object)}`;
      const isShown = change.current !== null || !seen.has(name);
      seen.add(name);
      return isShown;
    });
    return [...byId, ...byName].map(objectOf);
  }
}

/** What people call a stored object: a node by its id, as in scenarios. */
export function nameOf(object: StoreObject): string {
  switch (object.kind) {
    case "task":
      return object.name;
    case "node":
    case "cluster":
      return object.id;
    default:
      return object.spec.name;
  }
}

/** True of a task of this service, by name. */
export function isOf(service: string, object: StoreObject): boolean {
  return object.kind === "task" && serviceNameOf(object) === service;
}

function objectOf({ previous, current }: ObjectChange): StoreObject {
  return (current ?? previous) as StoreObject;
}

function keyOf({ kind, id }: StoreObject): string {
  return `${kind} ${id}`;
}
