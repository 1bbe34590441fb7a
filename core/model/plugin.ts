import type { Node } from "./node.ts";
import type { LogDriver } from "./task-spec.ts";

/**
 * True when the node has the volume driver, under its name or with the tag `latest`. A node that
 * says nothing of its plugins has all of them (SwarmKit `PluginFilter`).
 */
export function hasVolumeDriver({ description }: Node, driver: string): boolean {
  const { plugins } = description;
  if (plugins === null || driver === "" || driver === "local") return true;
  return isAmong(plugins, `Volume/${driver}`);
}

/**
 * The same of a log driver; and a node that names none at all has all of them too. Tasks without a
 * driver (null) run anywhere.
 */
export function hasLogDriver({ description }: Node, driver: LogDriver | null): boolean {
  const plugins = description.plugins ?? [];
  if (driver === null || driver.name === "" || driver.name === "none") return true;
  if (!plugins.some((plugin) => plugin.startsWith("Log/"))) return true;
  return isAmong(plugins, `Log/${driver.name}`);
}

function isAmong(plugins: readonly string[], plugin: string): boolean {
  return plugins.includes(plugin) || plugins.includes(`${plugin}:latest`);
}
