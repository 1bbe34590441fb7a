import { isEqual } from "../../core/base/equal.ts";
import { after } from "../../core/base/time.ts";
import type { Actor } from "../../core/model/change.ts";
import type { Service } from "../../core/model/service.ts";
import {
  isPaused,
  isUpdating,
  type UpdateState,
  type UpdateStatus,
} from "../../core/model/update-config.ts";
import type { Commit, History } from "../world/history.ts";
import { BrokenInvariant, type Checker } from "./checker.ts";
import { endOf, UpdateScene } from "./update-scene.ts";

/** What the updater may make of each state; a paused update is the user's to go on with. */
const nextStates: Readonly<Record<UpdateState | "none", readonly UpdateState[]>> = {
  none: ["updating"],
  updating: ["paused", "completed", "rollback_started"],
  paused: [],
  completed: ["updating"],
  rollback_started: ["rollback_paused", "rollback_completed"],
  rollback_paused: [],
  rollback_completed: ["rollback_started"],
};

/**
 * An update goes from state to state as it may, and a rollback leads back to the previous spec
 * once: it is never rolled back itself, and never begins by itself again. The previous spec is the
 * one that a user's change has taken the place of, and not one before.
 */
export class UpdateStatusMachine implements Checker {
  readonly name = "update-status-machine";
  readonly source = "SwarmKit api.UpdateStatus; orchestrator/update: never roll back a rollback";
  checks = 0;

  committed(commit: Commit): void {
    if (commit.isForced) return;
    for (const { actor, previous, current } of commit.services) {
      if (current === null || previous === null) continue;
      this.checks += 1;
      const wrong = wrongStep(actor, previous, current);
      if (wrong === null) continue;
      const detail = `${current.spec.name}: ${wrong}`;
      throw new BrokenInvariant(this.name, commit.host.name, detail);
    }
  }
}

function wrongStep(actor: Actor, previous: Service, current: Service): string | null {
  if (actor === "control") return wrongCommand(previous, current);
  const isSameSpec = isEqual(previous.spec, current.spec);
  const isSame = isSameSpec && isEqual(previous.updateStatus, current.updateStatus);
  if (actor !== "updater") return isSame ? null : `its update is changed by the ${actor}`;
  const from = previous.updateStatus?.state ?? "none";
  const to = current.updateStatus?.state ?? "none";
  const isCounted = from === to && previous.updateStatus?.slots === null && isSameSpec;
  if (!isCounted && !nextStates[from].some((next) => next === to)) {
    return `its update goes from ${from} to ${to}`;
  }
  return from === "updating" && to === "rollback_started"
    ? wrongRollback(previous, current)
    : isSameSpec
      ? null
      : "the updater changes its spec, which is not a rollback";
}

function wrongRollback(previous: Service, current: Service): string | null {
  if (!isEqual(current.spec, previous.previousSpec)) return "it is not rolled back to what it was";
  return current.previousSpec === null ? null : "a rollback leaves something to roll back to";
}

/** A user's change ends an update or leaves it as it is; only a rollback begins one. */
function wrongCommand(previous: Service, current: Service): string | null {
  const status = current.updateStatus;
  if (!keepsPrevious(previous, current)) {
    return "a rollback would not lead to what its tasks were before the user's change";
  }
  if (status === null || isEqual(status, previous.updateStatus)) return null;
  const isRollback = status.state === "rollback_started" && status.slots === null;
  if (isRollback && isEqual(current.spec, previous.previousSpec)) return null;
  return `a user's change makes its update ${status.state}`;
}

/** A change that touches no task leaves what an update under way would be rolled back to. */
function keepsPrevious(previous: Service, current: Service): boolean {
  const { spec, updateStatus } = previous;
  const isOfTasks =
    !isEqual(spec.task, current.spec.task) || !isEqual(spec.endpoint, current.spec.endpoint);
  const isUnderWay = isUpdating(updateStatus) || isPaused(updateStatus);
  const isLeft = !isOfTasks && (isUnderWay || isEqual(spec, current.spec));
  const kept = isLeft ? previous.previousSpec : spec;
  return isEqual(current.previousSpec?.task ?? null, kept?.task ?? null);
}

/**
 * An update ends well only when the monitor period after its last slot is over and no more tasks
 * have failed than may; it is paused or rolled back for failures only when they are too many, and
 * whichever of the two was asked for.
 */
export class UpdateHeedsFailures implements Checker {
  readonly name = "update-heeds-failures";
  readonly source = "SwarmKit orchestrator/update: failureTriggersAction";
  checks = 0;
  readonly #history: History;

  constructor(history: History) {
    this.#history = history;
  }

  committed(commit: Commit): void {
    for (const { actor, previous, current } of commit.services) {
      if (actor !== "updater" || current === null) continue;
      const scene = UpdateScene.of(this.#history.view, commit, current.id);
      const from = previous?.updateStatus?.state;
      if (scene === null || from === current.updateStatus?.state) continue;
      this.checks += 1;
      const wrong = wrongEnd(scene, current);
      if (wrong === null) continue;
      const detail = `${current.spec.name}: ${wrong}`;
      throw new BrokenInvariant(this.name, commit.host.name, detail);
    }
  }
}

function wrongEnd(scene: UpdateScene, current: Service): string | null {
  const { updateStatus } = current;
  if (updateStatus === null || updateStatus.state === "updating") return null;
  const failures = scene.failures.length;
  const slots = scene.service.updateStatus?.slots ?? 0;
  const tooMany = failures * 1_000_000 > scene.config.maxFailureRatioPpm * slots;
  if (updateStatus.completedAt !== null) {
    if (isEarly(scene)) return "it is completed before its last slot was watched";
    const isHeeded = scene.config.failureAction !== "continue";
    return isHeeded && tooMany ? `it is completed though ${failures} tasks have failed` : null;
  }
  if (!updateStatus.message.includes("due to failure")) return null;
  return tooMany
    ? wrongAction(scene, updateStatus)
    : `it stops for ${failures} failures, which it may have`;
}

/** A rollback that fails waits for the user, and so does what can't be rolled back and says why. */
function wrongAction({ config }: UpdateScene, { state, message }: UpdateStatus): string | null {
  const { failureAction } = config;
  if (failureAction === (state === "rollback_started" ? "rollback" : "pause")) return null;
  const isSaid = state === "rollback_paused" || (state === "paused" && message.includes("; "));
  if (failureAction === "rollback" && isSaid) return null;
  return `it is ${state} for failures, for which it is to ${failureAction}`;
}

function isEarly({ attempts, config, now }: UpdateScene): boolean {
  return attempts.some((task) => {
    const end = endOf(task);
    return end !== null && after(end, config.monitor) > now;
  });
}
