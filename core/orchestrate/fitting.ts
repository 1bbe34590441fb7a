import type { Node, NodeDescription } from "../model/node.ts";
import { fits } from "../model/resources.ts";
import { mostWorthyFirst, type Task } from "../model/task.ts";
import { isWanted } from "../model/task-state.ts";
import { isCharged } from "../store/node-load.ts";
import type { StoreView } from "../store/view.ts";

/** What of a node no task has yet. */
interface Room {
  nanoCpus: number;
  memoryBytes: number;
  /** Of each kind of generic resource that is counted. */
  readonly counts: Map<string, number>;
  /** Of each kind with names. */
  readonly ids: Map<string, Set<string>>;
}

/**
 * True when its node is still large enough for the task (SwarmKit `constraintenforcer`). Of a node
 * that has shrunk below what it runs, the tasks of the lowest priority go, and of those the newest;
 * what is to stop anyway takes no room from others. A task that the scheduler has not put there yet
 * is the scheduler's to judge.
 */
export function hasRoomFor(view: StoreView, { id, description }: Node, task: Task): boolean {
  if (!isCharged(task)) return true;
  const load = view.loadOf(id);
  if (load.generic.size === 0 && fits(load, description.resources)) return true;
  const staying = [...view.tasksOnNode(id).values()]
    .filter((each) => isCharged(each) && isWanted(each.desiredState))
    .sort(mostWorthyFirst);
  const room = roomOf(description);
  return staying.some((each) => take(room, each) && each.id === task.id);
}

function roomOf({ resources, genericResources }: NodeDescription): Room {
  const room: Room = { ...resources, counts: new Map(), ids: new Map() };
  for (const [kind, has] of genericResources) {
    if (has.kind === "named") room.ids.set(kind, new Set(has.ids));
    else room.counts.set(kind, has.count);
  }
  return room;
}

/** False when there is not enough: then nothing is taken. */
function take(room: Room, { spec, assignedResources }: Task): boolean {
  const { reservations, genericReservations } = spec;
  const { counts, ids } = room;
  const hasAll = [...genericReservations].every(([kind, count]) => {
    const held = assignedResources.get(kind);
    if (held === undefined) return count <= (counts.get(kind) ?? 0);
    return held.every((each) => ids.get(kind)?.has(each));
  });
  if (!hasAll || !fits(reservations, room)) return false;
  room.nanoCpus -= reservations.nanoCpus;
  room.memoryBytes -= reservations.memoryBytes;
  for (const [kind, count] of genericReservations) {
    const left = counts.get(kind);
    if (left !== undefined) counts.set(kind, left - count);
    for (const each of assignedResources.get(kind) ?? []) ids.get(kind)?.delete(each);
  }
  return true;
}
