import { bytesOfBase64, textOfUtf8 } from "../base/base64.ts";
import { isEqual } from "../base/equal.ts";
import type { StoreObject, Table } from "./change.ts";
import { type Cluster, defaultClusterSpec } from "./cluster.ts";
import type { ContainerSpec } from "./container-spec.ts";
import { hasKey } from "./external-ca.ts";
import { type Mount, noMountOptions } from "./mount.ts";
import type { NodeDescription } from "./node.ts";
import { defaultOverlaySettings } from "./overlay.ts";
import type { Config, Secret } from "./secret.ts";
import type { TaskSpec } from "./task-spec.ts";
import { hasRepetition, isNewTemplate, textsOf } from "./template.ts";

/**
 * Versions of this software that may be in one cluster, as feature levels: whole numbers, counted
 * up whenever nodes come to store or to say what older ones cannot read. The first is level 1.
 *
 * A node says with its description which level it speaks, and never goes back from it: what its
 * disk holds may be of that level. The leader raises the cluster's level once every node speaks it;
 * before, nothing of that level is stored or said. (CockroachDB's `cluster version` does the same.)
 */
export const newestLevel = 9;

/** The level that something came with, and by table how to tell that an object holds it. */
type FeatureRule = { readonly level: number } & {
  readonly [K in Table]?: (object: Extract<StoreObject, { kind: K }>) => boolean;
};

/** What older nodes cannot read. */
const features = {
  /** Tasks that move from node to node, and services for which a user has asked for that. */
  moves: {
    level: 2,
    task: ({ isMove }) => isMove,
    service: ({ rebalanceRequestedAt }) => rebalanceRequestedAt !== null,
  },
  /** Where a task's node answers for its ports, so that every node does. */
  hostPorts: { level: 3, task: ({ status }) => status.hostPorts !== undefined },
  /** An engine timeout other than the default. */
  engineTimeout: {
    level: 3,
    cluster: ({ spec }) => spec.engineTimeout !== defaultClusterSpec.engineTimeout,
  },
  /**
   * What confines a container, how soon it goes when memory is short, checks while it starts, more
   * options of mounts, and images as mounts.
   */
  containerOptions: { level: 3, service: ({ spec }) => hasNewOptions(spec.task.container) },
  /** Files with placeholders. */
  fileTemplates: { level: 3, secret: isTemplate, config: isTemplate },
  /** Networks with addresses of the user's choice. */
  subnets: { level: 3, network: ({ spec }) => spec.enableIpv6 || spec.subnets.length > 0 },
  /** Networks between the nodes. */
  overlays: {
    level: 4,
    task: ({ networks }) => networks.some(({ overlay }) => overlay !== null),
    network: ({ overlay }) => overlay !== null,
    cluster: ({ overlays }) => !isEqual(overlays, defaultOverlaySettings),
  },
  /** At which port other nodes reach a node. */
  remoteApiPort: { level: 4, node: ({ description }) => description.remoteApiPort !== undefined },
  /** Labels of the cluster, and its log driver. */
  clusterDefaults: {
    level: 4,
    task: ({ logDriver }) => logDriver !== undefined,
    cluster: ({ spec }) => spec.labels.size > 0 || spec.logDriver !== null,
  },
  /** Options of a task's place in a network. */
  networkOptions: {
    level: 4,
    task: ({ spec }) => hasDriverOptions(spec),
    service: ({ spec }) => hasDriverOptions(spec.task),
  },
  /** Placeholders with conditions, pipes and the service's labels. */
  templates: {
    level: 4,
    task: ({ serviceLabels }) => serviceLabels !== undefined,
    service: ({ spec }) => textsOf(spec.task.container).some(isNewTemplate),
    secret: (file) => isFileWith(file, isNewTemplate),
    config: (file) => isFileWith(file, isNewTemplate),
  },
  /** Authorities outside the cluster, and roots whose keys are only there. */
  externalCas: {
    level: 5,
    cluster: (cluster) => cluster.spec.externalCas.length > 0 || !holdsItsKeys(cluster),
  },
  /** Roots that were replaced, and what they say of those that came after them. */
  formerRoots: { level: 6, cluster: ({ ca }) => ca !== null && ca.formerRoots.length > 0 },
  /** A heartbeat period that was cut a short time ago. */
  slowBeats: { level: 7, cluster: ({ slowBeatsUntil }) => slowBeatsUntil > 0 },
  /** Placeholders with variables and repetition. */
  repetition: {
    level: 8,
    service: ({ spec }) => textsOf(spec.task.container).some(hasRepetition),
    secret: (file) => isFileWith(file, hasRepetition),
    config: (file) => isFileWith(file, hasRepetition),
  },
  /** Why a task was taken from its node. */
  rejections: { level: 9, task: ({ rejectedFor }) => rejectedFor !== undefined },
} as const satisfies Readonly<Record<string, FeatureRule>>;

/** Something that the nodes of a cluster may store or say once all of them can read it. */
export type Feature = keyof typeof features;

/** True when all nodes of the cluster can read it. */
export function speaks(cluster: Pick<Cluster, "level"> | null, feature: Feature): boolean {
  return cluster !== null && cluster.level >= features[feature].level;
}

/** The lowest level at which the object can be read. */
export function levelOf(object: StoreObject): number {
  const rules: readonly FeatureRule[] = Object.values(features);
  return rules.reduce((most, rule) => (holds(object, rule) ? Math.max(most, rule.level) : most), 1);
}

function holds(object: StoreObject, rule: FeatureRule): boolean {
  const isIn = rule[object.kind] as ((object: StoreObject) => boolean) | undefined;
  return isIn?.(object) === true;
}

function isTemplate({ spec }: Secret | Config): boolean {
  return spec.templating !== undefined;
}

function isFileWith(file: Secret | Config, holds: (text: string) => boolean): boolean {
  return isTemplate(file) && holds(textOfUtf8(bytesOfBase64(file.spec.data)));
}

function holdsItsKeys({ ca }: Cluster): boolean {
  const roots = [ca?.root ?? null, ca?.rotation?.root ?? null];
  return roots.every((root) => root === null || hasKey(root));
}

function hasDriverOptions({ networks }: TaskSpec): boolean {
  return networks.some(({ driverOptions }) => driverOptions !== undefined);
}

function hasNewOptions({ oomScoreAdj, privileges, health, mounts }: ContainerSpec): boolean {
  if (oomScoreAdj !== undefined || privileges !== undefined) return true;
  return health?.startInterval !== undefined || mounts.some(isNewMount);
}

function isNewMount({ kind, options = noMountOptions }: Mount): boolean {
  if (kind === "image" || options.subpath !== "" || options.tmpfsOptions.length > 0) return true;
  const { createMountpoint, readOnlyNonRecursive, readOnlyForceRecursive } = options;
  return createMountpoint || readOnlyNonRecursive || readOnlyForceRecursive;
}

/** Why a node that is older than what the others say to one another must stay out; or null. */
export function tooOldFor(
  cluster: Cluster | null,
  id: string,
  { level }: NodeDescription,
): string | null {
  if (cluster === null || level >= cluster.level) return null;
  return `node ${id} is too old for this swarm (level ${level}): start a newer version`;
}

/** What of it all nodes of the cluster can read. */
export function spokenOf(cluster: Cluster | null, said: NodeDescription): NodeDescription {
  if (said.remoteApiPort === undefined || speaks(cluster, "remoteApiPort")) return said;
  const { remoteApiPort: _, ...rest } = said;
  return rest;
}
