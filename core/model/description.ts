import { limits } from "../base/limits.ts";
import type { Cluster } from "./cluster.ts";
import { tooOldFor } from "./level.ts";
import type { NodeDescription } from "./node.ts";

/**
 * Nodes draw their own ids. One with a `/` could be another manager's name in Raft, and be taken
 * for that; all of them are shown to people.
 */
const idForm = /^[^\p{C}/]{1,64}$/u;

/** Why a node that says this of itself must stay out; or null. */
export function descriptionProblem(
  cluster: Cluster | null,
  id: string,
  description: NodeDescription,
): string | null {
  if (!idForm.test(id)) return strangeId;
  return tooOldFor(cluster, id, description) ?? tooLong(id, description);
}

const strangeId =
  "a node's id has 1 to 64 characters, all of which can be seen, and no '/': join under another";

/** What a node says of itself is in the store of all managers, and goes into their logs. */
export function isTooLong(description: NodeDescription): boolean {
  return lengthOf(description) > limits.descriptionText;
}

function tooLong(id: string, description: NodeDescription): string | null {
  if (!isTooLong(description)) return null;
  const what = `node ${id} says too much of itself (${lengthOf(description)} characters`;
  return `${what}; ${limits.descriptionText} at most): give it fewer engine labels and resources`;
}

/** In characters, each of its parts one more. */
function lengthOf(description: NodeDescription): number {
  const { hostname, platform, address, engineVersion = "", engineLabels } = description;
  const { plugins, genericResources } = description;
  const single = [hostname, platform.architecture, platform.os, address, engineVersion];
  const resources = [...genericResources].flatMap(([kind, resource]) =>
    resource.kind === "named" ? [kind, ...resource.ids] : [kind],
  );
  const texts = [...single, ...[...engineLabels].flat(), ...(plugins ?? []), ...resources];
  return texts.reduce((sum, { length }) => sum + length + 1, 0);
}
