import { found } from "../base/gather.ts";
import { compareText } from "../base/order.ts";
import { after, ms, type Timestamp } from "../base/time.ts";
import { changedService } from "../model/changed.ts";
import { isPredefined } from "../model/network.ts";
import type { Service, ServiceSpec } from "../model/service.ts";
import type { Task } from "../model/task.ts";
import { isTerminal } from "../model/task-state.ts";
import { isRollback } from "../model/update-config.ts";
import type { PlanContext } from "../plan/plan.ts";
import { portConflict } from "../store/port-conflict.ts";
import { hasFailed, type SlotProgress } from "./update-progress.ts";
import { completed, configOf, paused, rolledBack, type UpdatingService } from "./update-status.ts";

/** What an update comes to now, or when it must be judged again though nothing has changed. */
export type Verdict =
  | { readonly kind: "changed"; readonly service: Service }
  | { readonly kind: "goes-on"; readonly judgeAt: Timestamp | null };

/** Ends, pauses or rolls back a running update when its time has come. */
export function judge(
  context: PlanContext,
  service: UpdatingService,
  steps: readonly SlotProgress[],
): Verdict {
  const failed = actOnFailures(context, service, steps);
  if (failed !== null) return { kind: "changed", service: failed };
  if (steps.every(({ phase, hasOld }) => phase === "done" && !hasOld)) {
    return complete(context, service, steps);
  }
  return watchProgress(context, service, steps);
}

/**
 * SwarmKit's `failureTriggersAction`: more than the allowed share of the slots to replace have
 * failed. A rollback is never rolled back; where there is nothing to roll back to, it pauses.
 */
function actOnFailures(
  context: PlanContext,
  service: UpdatingService,
  steps: readonly SlotProgress[],
): Service | null {
  const { failureAction, monitor, maxFailureRatioPpm } = configOf(service);
  if (failureAction === "continue" || context.planted === "U03") return null;
  const counts = (task: Task): boolean =>
    hasFailed(task, monitor) || (context.planted === "U07" && isTerminal(task.status.state));
  const failed = found(steps, ({ attempt }) =>
    attempt !== null && counts(attempt) ? attempt : null,
  );
  const last = failed.sort(byFailure)[failed.length - 1];
  if (last === undefined) return null;
  const { previousSpec, updateStatus } = service;
  if (failed.length * 1_000_000 <= maxFailureRatioPpm * (updateStatus.slots ?? 0)) return null;
  const why = `due to failure or early termination of task ${last.id}`;
  if (failureAction === "pause" || context.planted === "U10") return paused(service, why);
  const isForEver = context.planted === "U04";
  if (isRollback(updateStatus) && !isForEver) return paused(service, why);
  if (previousSpec === null) {
    return paused(service, `${why}; there is no previous spec to roll back to`);
  }
  const unmet = unmetNeed(context, service, previousSpec);
  if (unmet !== null) return paused(service, `${why}; ${unmet}`);
  const back = rolledBack(service, previousSpec, why, context.now);
  return isForEver ? changedService(back, { previousSpec: service.spec }) : back;
}

/** What has changed meanwhile so that the earlier spec can't be had, or null. */
function unmetNeed(context: PlanContext, service: Service, spec: ServiceSpec): string | null {
  const taken = takenPort(context, service, spec);
  if (taken !== null) return `port ${taken} of the previous spec is in use by now`;
  const { view } = context;
  const { secrets, configs } = spec.task.container;
  const file =
    secrets.find(({ id }) => !view.secrets.has(id)) ??
    configs.find(({ id }) => !view.configs.has(id));
  if (file !== undefined) return `${file.name} of the previous spec is gone by now`;
  const network = spec.task.networks.find(
    ({ target }) => !isPredefined(target) && !view.networks.has(target),
  );
  if (network !== undefined) return `network ${network.target} is gone by now`;
  const volume = spec.task.container.mounts.find(
    ({ kind, source }) => kind === "cluster" && view.named("volume", source) === undefined,
  );
  return volume === undefined ? null : `volume ${volume.source} is gone by now`;
}

/** A port that the spec publishes and that another service has taken meanwhile, or null. */
function takenPort({ view }: PlanContext, { id }: Service, spec: ServiceSpec): number | null {
  const taken = spec.endpoint.ports.find(
    (port) => port.publishedPort > 0 && portConflict(view, id, port) !== null,
  );
  return taken?.publishedPort ?? null;
}

/**
 * One monitor period after the last slot, since a task may fail that late. SwarmKit waits for
 * `delay` + 1 s when that is longer, for no reason that a user could know.
 */
function complete(
  context: PlanContext,
  service: UpdatingService,
  steps: readonly SlotProgress[],
): Verdict {
  const { monitor } = configOf(service);
  const last = latest(found(steps, ({ finishedAt }) => finishedAt));
  const watched = context.planted === "U05" ? ms(0) : monitor;
  const doneAt = last === null ? context.now : after(last, watched);
  if (doneAt > context.now) return { kind: "goes-on", judgeAt: doneAt };
  return { kind: "changed", service: completed(service, context.now) };
}

/** An update that gets on in no slot waits for the user, and says what it hangs on. */
function watchProgress(
  context: PlanContext,
  service: UpdatingService,
  steps: readonly SlotProgress[],
): Verdict {
  const { progressDeadline } = configOf(service);
  const stuck = steps.find(({ phase, hasOld }) => phase !== "old" && (phase !== "done" || hasOld));
  const isIgnored = progressDeadline === 0 || context.planted === "U09";
  const waits = isIgnored || service.waitsFor.length > 0;
  if (waits || stuck === undefined) return { kind: "goes-on", judgeAt: null };
  const moves = found(steps, ({ attempt, finishedAt }) => finishedAt ?? attempt?.meta.createdAt);
  const pauseAt = after(
    latest([service.updateStatus.startedAt, ...moves]) as Timestamp,
    progressDeadline,
  );
  if (pauseAt > context.now) return { kind: "goes-on", judgeAt: pauseAt };
  const what = describe(stuck.attempt);
  const why = `since no slot got on for ${progressDeadline / 1_000_000} s; ${what}`;
  return { kind: "changed", service: paused(service, why) };
}

function describe(attempt: Task | null): string {
  if (attempt === null) return "a task of an earlier spec is still there";
  const { err, message } = attempt.status;
  return `task ${attempt.id}: ${err === "" ? message : err}`;
}

function latest(moments: readonly Timestamp[]): Timestamp | null {
  const later = (last: Timestamp | null, moment: Timestamp) =>
    last === null || moment > last ? moment : last;
  return moments.reduce(later, null);
}

function byFailure(left: Task, right: Task): number {
  return left.status.appliedAt - right.status.appliedAt || compareText(left.id, right.id);
}
