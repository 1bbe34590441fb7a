import { isEqual } from "../base/equal.ts";
import { type Rejection, rejection } from "../model/rejection.ts";
import type { Service, ServiceSpec } from "../model/service.ts";
import { isPaused, isUpdating } from "../model/update-config.ts";
import type { StoreView } from "../store/view.ts";
import { type Decided, notFound, outOfSequence } from "./decided.ts";
import { unmetNeed } from "./needs.ts";
import { validateServiceSpec } from "./validate.ts";

/** Replaces a service's spec; the orchestrator then brings it to the tasks. */
export function updateService(
  view: StoreView,
  id: string,
  version: number,
  spec: ServiceSpec,
): Decided | Rejection {
  const service = view.services.get(id);
  if (service === undefined) return notFound("service", id);
  const invalid =
    validateServiceSpec(spec) ?? immutable(service.spec, spec) ?? unmetNeed(view, id, spec);
  if (invalid !== null) return invalid;
  if (service.meta.version !== version) return outOfSequence();
  return { id, changes: [{ kind: "update", object: withSpec(service, spec) }] };
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
export function rollbackService(view: StoreView, id: string, version: number): Decided | Rejection {
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
    ...service,
    spec,
    specVersion: service.specVersion + 1,
    previousSpec: service.spec,
    updateStatus: {
      state: "rollback_started",
      startedAt: view.time,
      completedAt: null,
      message: "manually requested rollback",
      slots: null,
    },
  };
  return { id, changes: [{ kind: "update", object }] };
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
