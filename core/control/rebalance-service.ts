import type { Timestamp } from "../base/time.ts";
import { type Rejection, rejection } from "../model/rejection.ts";
import type { StoreView } from "../store/view.ts";
import { type Decided, notFound } from "./decided.ts";

/** A wish that the leader then carries out; asked for twice it is the same wish. */
export function rebalanceService(view: StoreView, id: string, now: Timestamp): Decided | Rejection {
  const service = view.services.get(id);
  if (service === undefined) return notFound("service", id);
  if (service.spec.mode.kind !== "replicated") {
    const words = `service ${service.spec.name} is not replicated: only its tasks can be moved`;
    return rejection("FailedPrecondition", words);
  }
  if (service.rebalanceRequestedAt !== null) return { id, changes: [] };
  const object = { ...service, rebalanceRequestedAt: now };
  return { id, changes: [{ kind: "update", object }] };
}
