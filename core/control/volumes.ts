import { newId } from "../base/id.ts";
import type { Random } from "../base/random.ts";
import { unstored } from "../model/meta.ts";
import { invalidArgument, type Rejection, rejection } from "../model/rejection.ts";
import type { ServiceSpec } from "../model/service.ts";
import type { Volume, VolumeSpec } from "../model/volume.ts";
import type { StoreView } from "../store/view.ts";
import type { Command } from "./command.ts";
import {
  creating,
  type Decided,
  inUse,
  nameTaken,
  notFound,
  outOfSequence,
  removing,
  updating,
} from "./decided.ts";

const namePattern = /^[a-zA-Z0-9][a-zA-Z0-9_.-]*$/;

export function createVolume(
  view: StoreView,
  spec: VolumeSpec,
  random: Random,
): Decided | Rejection {
  if (!namePattern.test(spec.name)) {
    const what = `volume name ${spec.name} is invalid: only [a-zA-Z0-9][a-zA-Z0-9_.-] is allowed`;
    return invalidArgument(what);
  }
  if (spec.driver === "") return invalidArgument("driver must be specified");
  const taken = nameTaken(view, "volume", spec.name);
  if (taken !== null) return taken;
  const id = newId(random);
  const object: Volume = { kind: "volume", id, meta: unstored, spec, nodeId: null };
  return creating(object);
}

/** Labels and availability may change. */
export function updateVolume(
  view: StoreView,
  { id, version, spec }: Command & { kind: "update-volume" },
): Decided | Rejection {
  const volume = view.volumes.get(id);
  if (volume === undefined) return notFound("volume", id);
  if (volume.spec.name !== spec.name) {
    return invalidArgument("cannot update volume name");
  }
  if (volume.spec.driver !== spec.driver) {
    return invalidArgument("cannot update volume driver");
  }
  if (volume.meta.version !== version) return outOfSequence();
  return updating({ ...volume, spec });
}

/** Refused while a service mounts it, or may be rolled back to what does. */
export function removeVolume(view: StoreView, id: string): Decided | Rejection {
  const volume = view.volumes.get(id);
  if (volume === undefined) return notFound("volume", id);
  const { name } = volume.spec;
  const used = inUse(view, `volume '${name}'`, (spec) => clusterMounts(spec).includes(name));
  return used === null ? removing(volume) : rejection("FailedPrecondition", used);
}

/** Why the cluster's volumes that a service mounts can't be had, or null. */
export function mountProblem(view: StoreView, spec: ServiceSpec): Rejection | null {
  const lost = clusterMounts(spec).find((name) => view.named("volume", name) === undefined);
  if (lost === undefined) return null;
  return invalidArgument(`volume not found: ${lost}; create it first`);
}

function clusterMounts({ task }: ServiceSpec): string[] {
  return task.container.mounts.flatMap(({ kind, source }) => (kind === "cluster" ? [source] : []));
}
