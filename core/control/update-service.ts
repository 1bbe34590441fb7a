import { isEqual } from "../base/equal.ts";
import type { Timestamp } from "../base/time.ts";
import { type Rejection, rejection } from "../model/rejection.ts";
import type { Service, ServiceSpec } from "../model/service.ts";
import { isPaused, isUpdating, type UpdateStatus } from "../model/update-config.ts";
import type { StoreView } from "../store/view.ts";
import type { Command } from "./command.ts";
import { type Decided, notFound, outOfSequence } from "./decided.ts";
import { unmetNeed } from "./needs.ts";
import { withNetworkIds } from "./networks.ts";
import { validateServiceSpec } from "./validate.ts";

/** Replaces a service's spec; the orchestrator then brings it to the tasks. */
export function updateService(
  view: StoreView,
  { id, version, spec: given }: Command & { kind: "update-service" },
  now: Timestamp,
): Decided | Rejection {
  const spec = withNetworkIds(view, given);
  const service = view.services.get(id);
  if (service === undefined) return notFound("service", id);
  const invalid =
    validateServiceSpec(spec) ?? immutable(service.spec, spec) ?? unmetNeed(view, id, spec);
  if (invalid !== null) return invalid;
  if (service.meta.version !== version) return outOfSequence();
  return { id, changes: [{ kind: "update", object: withSpec(runAgain(service, now), spec) }] };
}

/** A job is run again, whatever was changed (SwarmKit `UpdateService`). */
function runAgain(service: Service, now: Timestamp): Service {
  if (service.job === null) return service;
  return { ...service, job: { iteration: service.job.iteration + 1, lastExecution: now } };
}

/**
 * A change that touches no task lets a running update go on, and leaves what that would be rolled
 * back to; for the user asked for the one and not against the other. (In SwarmKit any change takes
 * the place of both, so that scaling during a bad update leaves nothing good to go back to.) A
 * paused update it takes up again.
 */
function withSpec(service: Service, spec: ServiceSpec): Service {
  const { previousSpec, updateStatus } = service;
  const isOfTasks =
    !isEqual(service.spec.task, spec.task) || !isEqual(service.spec.endpoint, spec.endpoint);
  if (isOfTasks) {
    const specVersion = service.specVersion + 1;
    return { ...service, spec, specVersion, previousSpec: service.spec, updateStatus: null };
  }
  if (!isUpdating(updateStatus) && !isPaused(updateStatus)) {
    return { ...service, spec, previousSpec: service.spec, updateStatus: null };
  }
  return {
    ...service,
    spec,
    previousSpec: previousSpec === null ? null : { ...previousSpec, mode: spec.mode },
    updateStatus: isPaused(updateStatus) ? null : updateStatus,
  };
}

/** Swaps the spec and the previous one, so that the next rollback would undo this one. */
export function rollbackService(
  view: StoreView,
  id: string,
  version: number,
  now: Timestamp,
): Decided | Rejection {
  const service = view.services.get(id);
  if (service === undefined) return notFound("service", id);
  if (service.meta.version !== version) return outOfSequence();
  const spec = service.previousSpec;
  if (spec === null) {
    return rejection("FailedPrecondition", `service ${id} does not have a previous spec`);
  }
  const invalid = unmetNeed(view, id, spec);
  if (invalid !== null) return invalid;
  const object: Service = {
    ...runAgain(service, now),
    spec,
    specVersion: service.specVersion + 1,
    previousSpec: service.spec,
    updateStatus: service.job === null ? requestedRollback(now) : null,
  };
  return { id, changes: [{ kind: "update", object }] };
}

/** A job has no roll-out to follow: it is run again, with the spec of before. */
function requestedRollback(now: Timestamp): UpdateStatus {
  const message = "manually requested rollback";
  return { state: "rollback_started", startedAt: now, completedAt: null, message, slots: null };
}

function immutable(before: ServiceSpec, after: ServiceSpec): Rejection | null {
  if (before.name !== after.name) {
    return rejection("Unimplemented", "renaming services is not supported");
  }
  if (before.mode.kind !== after.mode.kind) {
    return rejection("Unimplemented", "service mode change is not allowed");
  }
  return null;
}
