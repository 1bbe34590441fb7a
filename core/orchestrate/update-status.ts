import type { Timestamp } from "../base/time.ts";
import { changedService } from "../model/changed.ts";
import type { Service, ServiceSpec } from "../model/service.ts";
import {
  isRollback,
  isUpdating,
  type UpdateConfig,
  type UpdateState,
  type UpdateStatus,
} from "../model/update-config.ts";

/** A service that the updater is at work on. */
export interface UpdatingService extends Service {
  readonly updateStatus: UpdateStatus;
}

export function isBeingUpdated(service: Service): service is UpdatingService {
  return isUpdating(service.updateStatus);
}

/** The service with its update begun, which is to replace this many slots. */
export function begun(service: Service, slots: number, now: Timestamp): Service {
  const isAgain = isRollback(service.updateStatus);
  const message = isAgain ? "rollback in progress" : "update in progress";
  const state: UpdateState = isAgain ? "rollback_started" : "updating";
  const updateStatus = { state, startedAt: now, completedAt: null, message, slots };
  return changedService(service, { updateStatus });
}

/** The service with a rollback taken up that was only asked for so far. */
export function rollbackTakenUp(service: UpdatingService, slots: number, now: Timestamp): Service {
  const updateStatus = { ...service.updateStatus, slots, startedAt: now };
  return changedService(service, { updateStatus });
}

export function paused(service: UpdatingService, why: string): Service {
  const isBack = isRollback(service.updateStatus);
  const state: UpdateState = isBack ? "rollback_paused" : "paused";
  const message = `${isBack ? "rollback" : "update"} paused ${why}`;
  return changedService(service, { updateStatus: { ...service.updateStatus, state, message } });
}

export function completed(service: UpdatingService, now: Timestamp): Service {
  const isBack = isRollback(service.updateStatus);
  const state: UpdateState = isBack ? "rollback_completed" : "completed";
  const message = isBack ? "rollback completed" : "update completed";
  const updateStatus = { ...service.updateStatus, state, message, completedAt: now };
  return changedService(service, { updateStatus });
}

/** The service with its previous spec back. That is used up: no rollback leads to another. */
export function rolledBack(
  service: Service,
  spec: ServiceSpec,
  why: string,
  now: Timestamp,
): Service {
  const message = `update rolled back ${why}`;
  const state = "rollback_started";
  return changedService(service, {
    spec,
    specVersion: service.specVersion + 1,
    previousSpec: null,
    updateStatus: { state, startedAt: now, completedAt: null, message, slots: null },
  });
}

/** Which of its two configurations holds for the update of the service. */
export function configOf(service: Service): UpdateConfig {
  return isRollback(service.updateStatus) ? service.spec.rollback : service.spec.update;
}
