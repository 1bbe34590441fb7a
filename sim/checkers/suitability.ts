import type { Node, Platform } from "../../core/model/node.ts";
import type { Task } from "../../core/model/task.ts";
import type { TaskSpec } from "../../core/model/task-spec.ts";
import { addressRange } from "./address-range.ts";

/* Whether a node is what a task asks for, judged without the code of core that decides it. */

const constraintPattern =
  /^([a-z_][a-z0-9_.-]+)\s*([=!]=)\s*([a-z0-9:_.*()?+[\]\\^$|/-][a-z0-9:_.*()?+[\]\\^$|/\s-]*)$/i;

/** The first of its constraints that does not hold on the node; null: all hold. */
export function brokenConstraint({ placement }: TaskSpec, node: Node): string | null {
  return placement.constraints.find((text) => !holds(text, node)) ?? null;
}

/** SwarmKit `manager/constraint`: all of them count, and what is no constraint never holds. */
function holds(text: string, node: Node): boolean {
  const [, key = "", operator, value = ""] = constraintPattern.exec(text.trim()) ?? [];
  const isWanted =
    key.toLowerCase() === "node.ip"
      ? isInBlock(value, node.description.address)
      : isSaid(key, value, node);
  return isWanted !== null && isWanted === (operator === "==");
}

/** Null: the key says nothing. Of what a node does not have, it has the empty text. */
function isSaid(key: string, value: string, node: Node): boolean | null {
  const { hostname, platform } = node.description;
  const said: Readonly<Record<string, string>> = {
    "node.id": node.id,
    "node.hostname": hostname,
    "node.role": node.role,
    "node.platform.os": platform.os,
    "node.platform.arch": platform.architecture,
  };
  const actual = labelOn(node, key) ?? said[key.toLowerCase()];
  return actual === undefined ? null : actual.toLowerCase() === value.toLowerCase();
}

/** What the node has of the label that `key` names; null: it names none. */
export function labelOn({ spec, description }: Node, key: string): string | null {
  const [, owner = "", label = ""] = /^(node|engine)\.labels\.(.+)$/i.exec(key) ?? [];
  if (owner === "") return null;
  const labels = owner.toLowerCase() === "node" ? spec.labels : description.engineLabels;
  return labels.get(label) ?? "";
}

/** Simulated machines have addresses of IPv4. Null: `block` is neither an address nor a block. */
function isInBlock(block: string, address: string): boolean | null {
  if (block.includes(":")) return false;
  const range = addressRange(block.includes("/") ? block : `${block}/32`);
  if (range === null) return null;
  const own = addressRange(`${address}/32`);
  return own !== null && own.first >= range.first && own.last <= range.last;
}

/** SwarmKit `PlatformFilter`: one of those asked for; a part that is left open matches any. */
export function isOfPlatform({ placement }: TaskSpec, { description }: Node): boolean {
  const { platforms } = placement;
  const [os, architecture] = namesOf(description.platform);
  const suits = (wanted: Platform): boolean => {
    const [wantedOs, wantedArchitecture] = namesOf(wanted);
    return ["", os].includes(wantedOs) && ["", architecture].includes(wantedArchitecture);
  };
  return platforms.length === 0 || platforms.some(suits);
}

function namesOf({ os, architecture }: Platform): [os: string, architecture: string] {
  const name = architecture.toLowerCase();
  const known = name.replace(/^x86_64$/, "amd64").replace(/^aarch64$/, "arm64");
  return [os.toLowerCase(), known];
}

/**
 * SwarmKit `PluginFilter`: a driver that the task's volumes or its logs need and the node lacks; or
 * null. Of a node that names no log driver at all nobody knows which it has.
 */
export function missingDriver({ spec, logDriver }: Task, { description }: Node): string | null {
  const { plugins } = description;
  if (plugins === null) return null;
  const known = new Set(plugins.map((name) => name.replace(/:latest$/, "")));
  const ofVolumes = spec.container.mounts
    .filter(({ kind, driver = "local" }) => kind === "volume" && !["", "local"].includes(driver))
    .map(({ driver }) => `Volume/${driver}`);
  const ofTask = (spec.logDriver ?? logDriver)?.name ?? "none";
  const tellsOfLogs = plugins.some((plugin) => plugin.startsWith("Log/"));
  const ofLogs = tellsOfLogs && !["", "none"].includes(ofTask) ? [`Log/${ofTask}`] : [];
  return [...ofVolumes, ...ofLogs].find((driver) => !known.has(driver)) ?? null;
}
