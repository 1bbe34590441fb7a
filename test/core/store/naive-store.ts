import { assert } from "../../../core/base/assert.ts";
import type { Change, StoreEntry, StoreObject, Transaction } from "../../../core/model/change.ts";
import type { Meta } from "../../../core/model/meta.ts";
import type { Node } from "../../../core/model/node.ts";
import type { Task } from "../../../core/model/task.ts";
import { TaskState } from "../../../core/model/task-state.ts";
import type { Store } from "../../../core/store/store.ts";

/** The store again, as one list of objects that is searched and copied for everything. */
export class NaiveStore {
  objects: readonly StoreObject[] = [];
  index = 0;

  /** Which transactions were carried out. */
  apply({ time, transactions }: StoreEntry): boolean[] {
    this.index += 1;
    return transactions.map((each) => this.#transact(each, time));
  }

  find(kind: StoreObject["kind"], id: string): StoreObject | undefined {
    return this.objects.find((object) => object.kind === kind && object.id === id);
  }

  tasks(): Task[] {
    return this.objects.filter((object): object is Task => object.kind === "task");
  }

  #transact({ changes }: Transaction, time: StoreEntry["time"]): boolean {
    if (!changes.every((change) => this.#isLegal(change))) return false;
    for (const change of changes) {
      const { kind, id } = change.kind === "remove" ? named(change) : change.object;
      const previous = this.find(kind, id);
      this.objects = this.objects.filter((object) => object !== previous);
      if (change.kind === "remove") continue;
      const createdAt = previous?.meta.createdAt ?? time;
      const meta = { version: this.index, createdAt, updatedAt: time };
      this.objects = [...this.objects, stamped(change.object, previous, meta)];
    }
    return true;
  }

  #isLegal(change: Change): boolean {
    if (change.kind === "create") {
      const { object } = change;
      const name = object.kind === "service" ? object.spec.name : null;
      const isTaken = this.objects.some(
        (each) => each.kind === "service" && each.spec.name === name,
      );
      return this.find(object.kind, object.id) === undefined && !isTaken;
    }
    const { kind, id, version } =
      change.kind === "remove" ? named(change) : versionOf(change.object);
    return this.find(kind, id)?.meta.version === version;
  }
}

function named(change: Change & { kind: "remove" }) {
  return { kind: change.table, id: change.id, version: change.version };
}

function versionOf({ kind, id, meta }: StoreObject) {
  return { kind, id, version: meta.version };
}

/** Throws unless the store answers every question as the list does. */
export function compare(store: Store, naive: NaiveStore): void {
  const byKey = (object: StoreObject) => `${object.kind} ${object.id}`;
  const sorted = (objects: readonly StoreObject[]) =>
    [...objects].sort((left, right) => (byKey(left) < byKey(right) ? -1 : 1));
  const stored = [...store.nodes.values(), ...store.services.values(), ...store.tasks.values()];
  equal(sorted(stored), sorted(naive.objects), "objects");
  for (const id of ["s1", "s2", "s3"]) {
    const of = naive.tasks().filter((task) => task.serviceId === id);
    equal(sorted([...store.tasksOfService(id).values()]), sorted(of), `tasks of ${id}`);
    equal(sorted([...store.tasksOfSlot(id, 1)]), sorted(of), `tasks in the only slot of ${id}`);
    const named = naive.objects.find((each) => each.kind === "service" && each.spec.name === id);
    equal(store.named("service", id), named, `service named ${id}`);
  }
  for (const id of ["n1", "n2", "n3"]) compareNode(store, naive, id, sorted);
}

function compareNode(
  store: Store,
  naive: NaiveStore,
  id: string,
  sorted: (objects: readonly StoreObject[]) => StoreObject[],
): void {
  const on = naive.tasks().filter((task) => task.nodeId === id);
  equal(sorted([...store.tasksOnNode(id).values()]), sorted(on), `tasks on ${id}`);
  const placed = on.filter((task) => task.status.state >= TaskState.ASSIGNED);
  const held = placed.filter((task) => task.status.state <= TaskState.RUNNING);
  const active = held.filter((task) => task.desiredState <= TaskState.COMPLETE);
  const load = store.loadOf(id);
  equal(load.nanoCpus, sum(held.map((task) => task.spec.reservations.nanoCpus)), "cpus");
  equal(load.memoryBytes, sum(held.map((task) => task.spec.reservations.memoryBytes)), "memory");
  const counts = ["s1", "s2", "s3"].map(
    (service) => active.filter((task) => task.serviceId === service).length,
  );
  equal(
    ["s1", "s2", "s3"].map((service) => load.activeTasksByService.get(service) ?? 0),
    counts,
    `active tasks by service on ${id}`,
  );
  equal(load.activeTasks, sum(counts), `active tasks on ${id}`);
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((left, right) => left + right, 0);
}

function equal(left: unknown, right: unknown, what: string): void {
  const [got, wanted] = [JSON.stringify(left), JSON.stringify(right)];
  assert(got === wanted, `${what}: the store says ${got}, the list says ${wanted}`);
}

/** A node also keeps since when its availability has been what it is. */
function stamped(object: StoreObject, previous: StoreObject | undefined, meta: Meta): StoreObject {
  if (object.kind !== "node") return { ...object, meta };
  const before = previous as Node | undefined;
  const isSame = before?.spec.availability === object.spec.availability;
  return { ...object, meta, availableSince: isSame ? object.availableSince : meta.updatedAt };
}
