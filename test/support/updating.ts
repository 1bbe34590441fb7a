import type { StoreObject } from "../../core/model/change.ts";
import type { Service } from "../../core/model/service.ts";
import { node, type ServiceTraits, service } from "./model.ts";
import { Planning } from "./planning.ts";

/** A service whose update tests are about, on three nodes. */

const nodes: StoreObject[] = ["n1", "n2", "n3"].map((id) => node(id));

/** It runs its first spec, settled. */
export function deployed(traits: ServiceTraits): Planning {
  return new Planning(...nodes, service("web", traits)).settle();
}

/** It runs its first spec; a second one has just been asked for, of which nothing is begun. */
export function updating(traits: ServiceTraits): Planning {
  return deployed(traits).change("web", nextSpec);
}

/** What `update-service` makes of another image. */
export function nextSpec(web: Service): Service {
  const specVersion = web.specVersion + 1;
  const { task } = web.spec;
  const container = { ...task.container, image: `web:${specVersion}` };
  const spec = { ...web.spec, task: { ...task, container } };
  return { ...web, spec, specVersion, previousSpec: web.spec, updateStatus: null };
}

/** Every second from the next to `last`. */
export function until(planning: Planning, last: number): Planning {
  for (let second = planning.second + 1; second <= last; second += 1) planning.at(second);
  return planning;
}

/** How many tasks of each image run, `web:1` first. */
export function images(planning: Planning): number[] {
  const running = planning.running().map(({ spec }) => spec.container.image);
  return [1, 2, 3].map((tag) => running.filter((image) => image === `web:${tag}`).length);
}

/** Tasks of the image fail at their start. */
export function bad(planning: Planning, image = "web:2"): Planning {
  planning.starts = ({ spec }) => spec.container.image !== image;
  return planning;
}

/** Where the update stands: its state and what is said of it, ids left out. */
export function standing(planning: Planning): string {
  const { updateStatus } = planning.store.services.get("web") as Service;
  if (updateStatus === null) return "none";
  const message = updateStatus.message.replace(/task [0-9a-z]{25}/, "task X");
  return `${updateStatus.state}: ${message}`;
}
