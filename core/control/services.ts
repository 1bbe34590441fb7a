import { isEqual } from "../base/equal.ts";
import { newId } from "../base/id.ts";
import type { Planted } from "../base/planted.ts";
import type { Random } from "../base/random.ts";
import type { Timestamp } from "../base/time.ts";
import { changedService } from "../model/changed.ts";
import { unstored } from "../model/meta.ts";
import { type Rejection, rejection } from "../model/rejection.ts";
import { isJob, type Service, type ServiceSpec } from "../model/service.ts";
import { isPaused, isUpdating, type UpdateStatus } from "../model/update-config.ts";
import type { StoreView } from "../store/view.ts";
import type { Command } from "./command.ts";
import {
  creating,
  type Decided,
  nameTaken,
  notFound,
  outOfSequence,
  removing,
  updating,
} from "./decided.ts";
import { dependentsProblem } from "./dependencies.ts";
import { unmetNeed } from "./needs.ts";
import { withNetworkIds } from "./networks.ts";
import { validateServiceSpec } from "./validate.ts";

/** A service that no other has the name of; the orchestrator then makes its tasks. */
export function createService(
  view: StoreView,
  given: ServiceSpec,
  random: Random,
  now: Timestamp,
): Decided | Rejection {
  const spec = withNetworkIds(view, given);
  const invalid =
    validateServiceSpec(spec) ??
    unmetNeed(view, null, spec) ??
    nameTaken(view, "service", spec.name);
  if (invalid !== null) return invalid;
  const id = newId(random);
  const object: Service = {
    kind: "service",
    id,
    meta: unstored,
    spec,
    specVersion: 1,
    previousSpec: null,
    updateStatus: null,
    ports: [],
    waitsFor: spec.dependsOn,
    job: isJob(spec) ? { iteration: 0, lastExecution: now } : null,
    rebalanceRequestedAt: null,
  };
  return creating(object);
}

/** Replaces a service's spec; the orchestrator then brings it to the tasks. */
export function updateService(
  view: StoreView,
  { id, version, spec: given }: Command & { kind: "update-service" },
  now: Timestamp,
  planted: Planted,
): Decided | Rejection {
  const spec = withNetworkIds(view, given);
  const service = view.services.get(id);
  if (service === undefined) return notFound("service", id);
  const invalid =
    validateServiceSpec(spec) ?? immutable(service.spec, spec) ?? unmetNeed(view, id, spec);
  if (invalid !== null) return invalid;
  if (service.meta.version !== version) return outOfSequence();
  const changed = withSpec(runAgain(service, now), spec);
  const isStale = planted === "U11" && service.previousSpec !== null;
  return updating(
    isStale ? changedService(changed, { previousSpec: service.previousSpec }) : changed,
  );
}

/** A job is run again, whatever was changed (SwarmKit `UpdateService`). */
function runAgain(service: Service, now: Timestamp): Service {
  if (service.job === null) return service;
  const job = { iteration: service.job.iteration + 1, lastExecution: now };
  return changedService(service, { job });
}

/**
 * A change that touches no task lets a running update go on, and leaves what that would be rolled
 * back to; for the user asked for the one and not against the other. (In SwarmKit any change takes
 * the place of both, so that scaling during a bad update leaves nothing good to go back to, nor
 * does deploying a stack again that has not changed.) A paused update it takes up again; and
 * without replicas no update goes on, since it has no task left to come to.
 */
function withSpec(service: Service, spec: ServiceSpec): Service {
  const { previousSpec, updateStatus } = service;
  const isOfTasks =
    !isEqual(service.spec.task, spec.task) || !isEqual(service.spec.endpoint, spec.endpoint);
  if (isOfTasks) {
    const specVersion = service.specVersion + 1;
    const previousSpec = service.spec;
    return changedService(service, { spec, specVersion, previousSpec, updateStatus: null });
  }
  if (!isUpdating(updateStatus) && !isPaused(updateStatus)) {
    const isSame = isEqual(service.spec, spec);
    const replaced = isSame ? previousSpec : service.spec;
    return changedService(service, { spec, previousSpec: replaced, updateStatus: null });
  }
  return changedService(service, {
    spec,
    previousSpec: previousSpec === null ? null : { ...previousSpec, mode: spec.mode },
    updateStatus: isPaused(updateStatus) || hasNoReplicas(spec) ? null : updateStatus,
  });
}

function hasNoReplicas({ mode }: ServiceSpec): boolean {
  return mode.kind === "replicated" && mode.replicas === 0;
}

/**
 * Swaps the spec and the previous one, so that the next rollback would undo this one. A job has no
 * roll-out to follow: it is run again, with the spec of before.
 */
export function rollbackService(
  view: StoreView,
  { id, version }: Command & { kind: "rollback-service" },
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
  const rolledBack = changedService(runAgain(service, now), {
    spec,
    specVersion: service.specVersion + 1,
    previousSpec: service.spec,
    updateStatus: service.job === null ? requestedRollback(now) : null,
  });
  return updating(rolledBack);
}

function requestedRollback(now: Timestamp): UpdateStatus {
  const message = "manually requested rollback";
  return { state: "rollback_started", startedAt: now, completedAt: null, message, slots: null };
}

/** A wish that the leader then carries out; asked for twice it is the same wish. */
export function rebalanceService(view: StoreView, id: string, now: Timestamp): Decided | Rejection {
  const service = view.services.get(id);
  if (service === undefined) return notFound("service", id);
  if (service.spec.mode.kind !== "replicated") {
    const words = `service ${service.spec.name} is not replicated: only its tasks can be moved`;
    return rejection("FailedPrecondition", words);
  }
  if (service.rebalanceRequestedAt !== null) return { id, changes: [] };
  return updating(changedService(service, { rebalanceRequestedAt: now }));
}

/** The service goes at once; the orchestrator then stops and forgets its tasks. */
export function removeService(view: StoreView, id: string): Decided | Rejection {
  const service = view.services.get(id);
  if (service === undefined) return notFound("service", id);
  const inUse = dependentsProblem(view, service.spec.name);
  if (inUse !== null) return inUse;
  return removing(service);
}

function immutable(before: ServiceSpec, after: ServiceSpec): Rejection | null {
  if (before.mode.kind !== after.mode.kind) {
    return rejection("Unimplemented", "service mode change is not allowed");
  }
  if (before.name !== after.name) {
    return rejection("Unimplemented", "renaming services is not supported");
  }
  return null;
}
