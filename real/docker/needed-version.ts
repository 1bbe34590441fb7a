import type { ContainerSpec } from "../../core/model/container-spec.ts";
import type { MountOptions } from "../../core/model/mount.ts";
import { isOlder } from "../docker-api/api-version.ts";

/** Since which version of its API an engine knows these: an older one ignores them in silence. */
const mountFields: readonly (readonly [keyof MountOptions, string])[] = [
  ["createMountpoint", "1.42"],
  ["readOnlyNonRecursive", "1.44"],
  ["readOnlyForceRecursive", "1.44"],
  ["subpath", "1.45"],
  ["tmpfsOptions", "1.46"],
];

/** What of the container an engine of this version does not know, in words; null: nothing. */
export function unknownTo(apiVersion: string, container: ContainerSpec): string | null {
  const found = newerFields(container).find(([, since]) => isOlder(apiVersion, since));
  if (found === undefined) return null;
  const [field, since] = found;
  return `${field} needs an engine with API ${since}, and this node's has ${apiVersion}`;
}

/** What not every engine knows, and since which version of the API they do. */
export function newerFields({
  health,
  mounts,
}: ContainerSpec): readonly (readonly [string, string])[] {
  const check = health?.startInterval === undefined ? [] : [["startInterval", "1.44"] as const];
  const ofMounts = mounts.flatMap(({ options }) =>
    mountFields.filter(([name]) => options !== undefined && isSaid(options[name])),
  );
  return [...check, ...ofMounts];
}

function isSaid(value: MountOptions[keyof MountOptions]): boolean {
  return Array.isArray(value) ? value.length > 0 : value !== false && value !== "";
}
