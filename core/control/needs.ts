import type { Rejection } from "../model/rejection.ts";
import type { ServiceSpec } from "../model/service.ts";
import type { StoreView } from "../store/view.ts";
import { dependencyProblem } from "./dependencies.ts";
import { fileReferenceProblem } from "./files.ts";
import { networkProblem } from "./networks.ts";
import { portProblem } from "./ports.ts";
import { mountProblem } from "./volumes.ts";

/** What the service `id`, or one to be created, needs of the cluster and can't have; or null. */
export function unmetNeed(view: StoreView, id: string | null, spec: ServiceSpec): Rejection | null {
  return (
    dependencyProblem(view, spec) ??
    fileReferenceProblem(view, spec) ??
    mountProblem(view, spec) ??
    networkProblem(view, spec) ??
    portProblem(view, id, spec)
  );
}
