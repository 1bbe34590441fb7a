import { comparable } from "./compare.ts";
import type { Side } from "./side.ts";

// biome-ignore lint/suspicious/noExplicitAny: JSON of any form.
type Json = any;

/** What a side shows of everything there is, by names instead of ids. */
export interface State {
  readonly tree: Json;
  /** Nothing is on its way any more. */
  readonly isSettled: boolean;
  /** A node is at work on a task: however long that takes, it is not at rest. */
  readonly isUnderWay: boolean;
}

const lists = ["services", "nodes", "secrets", "configs", "networks"] as const;

export async function stateOf(side: Side): Promise<State> {
  const [all, swarm, ...objects] = await Promise.all([
    side.must("GET", "/tasks"),
    side.must("GET", "/swarm"),
    ...lists.map((name) => side.must("GET", `/${name}`)),
  ]);
  const iterations = new Map(
    objects[0].map(({ ID, JobStatus }: Json) => [ID, JobStatus?.JobIteration?.Index ?? 0]),
  );
  const isOfNow = ({ ServiceID, JobIteration, Status }: Json) =>
    Status.State !== "complete" || (JobIteration?.Index ?? 0) >= (iterations.get(ServiceID) ?? 0);
  const tasks = all.filter(hasCounted).filter(isOfNow);
  const tree: Json = { swarm };
  lists.forEach((name, at) => {
    tree[name] = byName(name === "networks" ? objects[at].filter(isDrawn) : objects[at]);
  });
  const names = new Map(objects[0].map((service: Json) => [service.ID, service.Spec.Name]));
  tree.tasks = grouped(tasks, ({ ServiceID }) => String(names.get(ServiceID) ?? "removed"));
  for (const { Spec } of objects[0]) {
    const slots: Json[][] = tree.tasks[Spec.Name] ?? [];
    const isScaledDown = slots.length > Spec.Mode.Replicated?.Replicas;
    if (isScaledDown) tree.tasks[Spec.Name] = slots.filter(isTaken);
  }
  const isSettled =
    tasks.every((task: Json) => names.has(task.ServiceID) && isAtRest(task)) &&
    objects[0].every(({ UpdateStatus }: Json) => {
      return !["updating", "rollback_started"].includes(UpdateStatus?.State);
    });
  const isUnderWay = tasks.some(({ Status }: Json) => underWay.includes(Status.State));
  return { tree, isSettled, isUnderWay };
}

/** What each engine has by itself says nothing of a cluster. */
function isDrawn({ Driver, Ingress }: Json): boolean {
  return Driver === "overlay" && !Ingress;
}

function byName(objects: readonly Json[]): Json {
  return Object.fromEntries(
    objects.map((object) => [
      object.Description?.Hostname ?? object.Name ?? object.Spec.Name,
      object,
    ]),
  );
}

/** The tasks of each service, slot by slot, in an order that does not depend on their ids. */
function grouped(tasks: readonly Json[], serviceOf: (task: Json) => string): Json {
  const slots = new Map<string, Json[]>();
  for (const task of tasks) {
    const key = `${serviceOf(task)} ${task.Slot ?? ""}`;
    slots.set(key, [...(slots.get(key) ?? []), task]);
  }
  const found: Record<string, Json[]> = {};
  for (const [key, slot] of slots) {
    const name = key.split(" ")[0] ?? "";
    found[name] = [...(found[name] ?? []), arranged(kept(slot).map(withoutSlot))];
  }
  return Object.fromEntries(Object.entries(found).map(([name, each]) => [name, arranged(each)]));
}

/** Swarm keeps a slot's attempts and one task more, whatever the limit on the history is. */
function kept(slot: readonly Json[]): Json[] {
  const newestFirst = [...slot].sort((a, b) => (a.CreatedAt < b.CreatedAt ? 1 : -1));
  const most = newestFirst[0]?.Spec.RestartPolicy?.MaxAttempts ?? 0;
  return most === 0 ? newestFirst : newestFirst.slice(0, most + 1);
}

/** One that was scaled away keeps its history for a while, or not. */
function isTaken(slot: readonly Json[]): boolean {
  return slot.some(isWanted);
}

/** One that was given up before any node had it is forgotten, or not. */
function hasCounted(task: Json): boolean {
  return isWanted(task) || (task.NodeID ?? "") !== "";
}

export function isWanted({ DesiredState }: Json): boolean {
  return ["ready", "running", "complete"].includes(DesiredState);
}

/** Which of several like slots gets the last free place is chance. */
function withoutSlot({ Slot, ...task }: Json): Json {
  return task;
}

/** A list of objects in an order that does not depend on what is drawn at random. */
export function arranged(list: readonly Json[]): Json[] {
  const keyed = list.map((value) => {
    const name = value?.Spec?.Name ?? "";
    return [JSON.stringify([name, sorted(comparable(value))]), value] as const;
  });
  return keyed.sort(([a], [b]) => (a < b ? -1 : Number(a > b))).map(([, value]) => value);
}

/** The same object with its fields in the order of their names. */
export function sorted(value: Json): Json {
  if (Array.isArray(value)) return value.map(sorted);
  if (typeof value !== "object" || value === null) return value;
  const entries = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
  return Object.fromEntries(entries.map(([name, part]) => [name, sorted(part)]));
}

const underWay = ["assigned", "accepted", "preparing", "starting"];
const over = ["complete", "shutdown", "failed", "rejected", "orphaned", "remove"];

function isAtRest({ Status, DesiredState, Spec }: Json): boolean {
  const { State, Err = "" } = Status;
  if (over.includes(State)) return DesiredState !== "running" && DesiredState !== "ready";
  // It begins once the delay of its restart is over.
  if (DesiredState === "ready") return State === "ready" && isLong(Spec.RestartPolicy?.Delay);
  if (DesiredState !== "running" && DesiredState !== "complete") return false;
  return State === "running" || (State === "pending" && Err !== "");
}

/** Longer than any history takes. */
function isLong(nanos: number | undefined): boolean {
  return (nanos ?? 0) >= 600e9;
}
