import { parseConstraint } from "../../core/model/constraint.ts";
import type { Platform } from "../../core/model/node.ts";
import type { UpdateConfig } from "../../core/model/update-config.ts";
import type { ExportedService } from "../../core/observe/exported-cluster.ts";
import type { HealthPlan, NamedService, UpdatePlan } from "../scenario/service-words.ts";
import { type Memory, spanText } from "../scenario/units.ts";

const billion = 1_000_000_000;
const million = 1_000_000;

/**
 * A service of a real cluster in the words of a scenario. `nameOf` gives the name of the simulated
 * machine for the id or the host name of a node; what names no node stays as it is.
 */
export function planOfService(
  service: ExportedService,
  nameOf: (node: string) => string,
): NamedService {
  const { name, image, mode, reservations, generic, placement, priority } = service;
  const { restart, update, rollback, health, stopGracePeriod, volumes } = service;
  const { nanoCpus, memoryBytes } = reservations;
  return {
    name,
    image,
    ...(mode.kind === "global" ? { mode: mode.kind } : { replicas: 0 }),
    ...(nanoCpus > 0 && { cpus: nanoCpus / billion }),
    ...(memoryBytes > 0 && { memory: memoryText(memoryBytes) }),
    ...(Object.keys(generic).length > 0 && { generic }),
    ...placementOf(placement, nameOf),
    ...(priority !== 0 && { priority }),
    ...(service.ports.length > 0 && { ports: portsOf(service) }),
    ...(volumes.length > 0 && { volumes }),
    restart: {
      condition: restart.condition,
      delay: spanText(restart.delay),
      ...(restart.maxDelay > 0 && { maxDelay: spanText(restart.maxDelay) }),
      ...(restart.maxAttempts > 0 && { maxAttempts: restart.maxAttempts }),
      ...(restart.window > 0 && { window: spanText(restart.window) }),
    },
    update: updateOf(update),
    rollback: updateOf(rollback),
    ...(health !== null && { health: healthOf(health) }),
    stopGracePeriod: spanText(stopGracePeriod),
  };
}

/** A whole number of KiB: what is less than one does not matter. */
export function memoryText(bytes: number): Memory {
  return `${Math.floor(bytes / 1024)}KiB`;
}

function placementOf(placement: ExportedService["placement"], nameOf: (node: string) => string) {
  const { constraints, platforms, preferences, maxReplicas } = placement;
  const { affinity, antiAffinity, strategy } = placement;
  const known = constraints.map((text) => renamed(text, nameOf));
  return {
    ...(known.length > 0 && { constraints: known }),
    ...(platforms.length > 0 && { platforms: platforms.map(platformText) }),
    ...(preferences.length > 0 && { spreadOver: preferences }),
    ...(maxReplicas > 0 && { maxReplicasPerNode: maxReplicas }),
    ...(affinity.length > 0 && { affinity }),
    ...(antiAffinity.length > 0 && { antiAffinity }),
    ...(strategy !== null && { strategy }),
  };
}

function platformText({ os, architecture }: Platform): string {
  return `${os}/${architecture}`;
}

/** Simulated machines have neither the ids of the real ones nor dots in their names. */
function renamed(text: string, nameOf: (node: string) => string): string {
  const parsed = parseConstraint(text);
  if (!("key" in parsed)) return text;
  const { key, operator, value } = parsed;
  if (!["node.id", "node.hostname"].includes(key.toLowerCase())) return text;
  return `node.hostname${operator}${nameOf(value)}`;
}

function portsOf({ ports }: ExportedService) {
  return ports.map(({ targetPort, publishedPort, protocol, publishMode }) => ({
    target: targetPort,
    ...(publishedPort > 0 && { published: publishedPort }),
    protocol,
    mode: publishMode,
  }));
}

function updateOf(update: UpdateConfig): UpdatePlan {
  return {
    parallelism: update.parallelism,
    delay: spanText(update.delay),
    failureAction: update.failureAction,
    monitor: spanText(update.monitor),
    maxFailureRatio: update.maxFailureRatioPpm / million,
    order: update.order,
    progressDeadline: spanText(update.progressDeadline),
  };
}

/** 0 is the engine's default, which is that of a plan as well. */
function healthOf(health: NonNullable<ExportedService["health"]>): HealthPlan {
  const { interval, timeout, retries, startPeriod } = health;
  return {
    ...(interval > 0 && { interval: spanText(interval) }),
    ...(timeout > 0 && { timeout: spanText(timeout) }),
    ...(retries > 0 && { retries }),
    ...(startPeriod > 0 && { startPeriod: spanText(startPeriod) }),
  };
}
