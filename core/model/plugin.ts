import type { Node } from "./node.ts";

/**
 * True when the node has the volume driver, under its name or with the tag `latest`. A node that
 * says nothing of its plugins has all of them (SwarmKit `PluginFilter`).
 */
export function hasVolumeDriver({ description }: Node, driver: string): boolean {
  const { plugins } = description;
  if (plugins === null || driver === "" || driver === "local") return true;
  return plugins.includes(`Volume/${driver}`) || plugins.includes(`Volume/${driver}:latest`);
}
