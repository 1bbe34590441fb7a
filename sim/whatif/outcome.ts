import { isEqual } from "../../core/base/equal.ts";
import { compareText, sortedText } from "../../core/base/order.ts";
import { noBug } from "../../core/base/planted.ts";
import { slotOf, type Task } from "../../core/model/task.ts";
import { isWanted, TaskState } from "../../core/model/task-state.ts";
import type { StoreView } from "../../core/store/view.ts";
import type { ServiceReport, Violation } from "../result.ts";
import { Run } from "../run.ts";
import type { World } from "../world/world.ts";
import type { LossPlan } from "./plan-of-cluster.ts";

/** What one simulated run came to. Times are seconds from the loss on. */
export interface LossOutcome {
  readonly services: ReadonlyMap<string, ServiceOutcome>;
  /** Managers that are up at the end, of how many members. */
  readonly managers: { readonly up: number; readonly members: number };
  /** Names of who led before the loss, and who leads at the end; null: nobody. */
  readonly leader: { readonly before: string | null; readonly after: string | null };
  /** Services that the simulation did not get to where they run in the export. */
  readonly astray: readonly string[];
  /** A property that must always hold broke: a bug. */
  readonly violation: Violation | null;
}

export interface ServiceOutcome extends ServiceReport {
  /** Where its tasks ran just before the loss, and at the end, by slot; a global one by node. */
  readonly before: ReadonlyMap<number | string, string>;
  readonly after: ReadonlyMap<number | string, string>;
  /** Why its tasks that do not run at the end wait, as the cluster says it. */
  readonly waits: readonly string[];
}

/** Runs the plan from one seed, up to this many microseconds after the loss. */
export function outcomeOfLoss(
  { plan, lossAt, places }: LossPlan,
  seed: string,
  watched: number,
): LossOutcome {
  const worlds: World[] = [];
  const watch = (world: World) => {
    worlds.push(world);
    return {};
  };
  const until = lossAt + watched;
  const run = new Run(plan, seed, { until, observer: { watch } }, noBug);
  run.advance(lossAt - 1, Number.MAX_SAFE_INTEGER);
  const [world] = worlds as [World];
  const before = placesIn(world.history.view);
  const leader = leaderOf(world);
  const { services, violations } = run.toEnd();
  return {
    services: new Map(
      Object.entries(services).map(([name, report]) => {
        return [name, serviceOutcome(world.history.view, name, report, before)];
      }),
    ),
    managers: managersOf(world),
    leader: { before: leader, after: leaderOf(world) },
    astray: [...places.keys()].filter((name) => {
      const found = sortedText(before.get(name)?.values() ?? []);
      return !isEqual(found, places.get(name));
    }),
    violation: violations[0] ?? null,
  };
}

type Places = ReadonlyMap<string, ReadonlyMap<number | string, string>>;

function serviceOutcome(
  view: StoreView,
  name: string,
  report: ServiceReport,
  before: Places,
): ServiceOutcome {
  const none = new Map<number | string, string>();
  return {
    ...report,
    before: before.get(name) ?? none,
    after: placesIn(view).get(name) ?? none,
    waits: waitsOf(view, name),
  };
}

/** Of each service by name the nodes on which its tasks run. */
function placesIn(view: StoreView): Places {
  return new Map(
    [...view.services.values()].map(({ id, spec }) => {
      const tasks = [...view.tasksOfService(id).values()].filter(isRunning);
      const entries = tasks.map((task) => [slotOf(task), task.nodeId as string] as const);
      const inOrder = entries.sort(([one], [other]) => bySlot(one, other));
      return [spec.name, new Map(inOrder)];
    }),
  );
}

function bySlot(one: number | string, other: number | string): number {
  return typeof one === "number" && typeof other === "number"
    ? one - other
    : compareText(String(one), String(other));
}

function isRunning({ status, desiredState, nodeId }: Task): boolean {
  return status.state === TaskState.RUNNING && isWanted(desiredState) && nodeId !== null;
}

function waitsOf(view: StoreView, name: string): string[] {
  const service = view.named("service", name);
  if (service === undefined) return [];
  const waiting = [...view.tasksOfService(service.id).values()].filter(
    ({ status, desiredState }) => isWanted(desiredState) && status.state !== TaskState.RUNNING,
  );
  const reasons = waiting.map(({ status }) => status.err || status.message);
  return [...new Set(reasons)].sort(compareText);
}

/** The manager that leads and has caught up, as the most up to date sees it. */
function leaderOf({ managers }: World): string | null {
  return (
    managers.find(({ state, node }) => state === "up" && node?.member?.isManaging === true)?.name ??
    null
  );
}

function managersOf({ managers }: World): LossOutcome["managers"] {
  const up = managers.filter(({ state }) => state === "up").length;
  return { up, members: managers.length };
}
