import type { Logger } from "pino";
import type { ExecutorEvent } from "../../core/agent/executor-request.ts";
import { noBug } from "../../core/base/planted.ts";
import { newestLevel } from "../../core/model/level.ts";
import type { EngineParts, NodeDescription } from "../../core/model/node.ts";
import { defaultRaftTiming, type NodeConfig, type RaftTiming } from "../../core/node/config.ts";
import { pairOf } from "../command-line/units.ts";
import type { Engine, EngineDescription } from "../engine.ts";
import { hostPortOf } from "../host-port.ts";
import { loggedEntry } from "../wire/payload.ts";
import { snapshotsAsBytes } from "../wire/snapshot-bytes.ts";
import { transaction } from "../wire/store.ts";
import { newCluster, newOverlays } from "./new-cluster.ts";
import type { DaemonOptions } from "./options.ts";
import { ipAddressOf } from "./reachable.ts";
import type { NodeRecord } from "./state-dir.ts";

/** What the node's configuration is made of, beside its command line. */
export interface NodeParts {
  /** What the node's state directory says of it. */
  readonly state: NodeRecord;
  readonly engine: Engine;
  /** Host and port where others reach it. */
  readonly address: string;
  /** Ids of the managers that its address book knows. */
  readonly managers: readonly string[];
  readonly log: Logger;
}

/** Core's configuration of the node. Rejects where the container engine does not answer. */
export async function nodeConfigOf(options: DaemonOptions, parts: NodeParts): Promise<NodeConfig> {
  const { nodeId: id, isRestored, told } = parts.state;
  const described = await parts.engine.describe().catch(({ message }: Error) => {
    const where = parts.engine.address ?? "on this machine";
    const advice = adviceOn(message, options);
    throw new Error(`the container engine ${where} does not answer: ${message}${advice}`);
  });
  const ipAddress = await ipAddressIn(parts);
  return {
    id,
    managers: contactsOf(parts),
    forceNewCluster: options.forceNewCluster,
    isRestored,
    description: descriptionOf(options, parts, described, ipAddress),
    availability: told?.availability ?? "active",
    cluster: {
      ...newCluster,
      autoLockManagers: options.autolock,
      externalCas: options.externalCa,
      ...told?.founding?.cluster,
    },
    overlays: told?.founding?.overlays ?? newOverlays(options),
    raft: timingOf(options),
    planted: noBug,
    snapshotCodec: snapshotsAsBytes,
    sizeOf: transaction.sizeOf,
    entryPayload: loggedEntry,
  };
}

/** What to do where this user may not open the engine's socket, or nobody has named the engine. */
function adviceOn(message: string, { engineAddr }: DaemonOptions): string {
  if (/ EACCES /.test(message)) return ": swarmd's user has to be in the group docker";
  return engineAddr == null ? ": start it, or name another, or --executor process" : "";
}

/** Whom the node asks first: the manager that it joins by, and those that it knows. */
function contactsOf({ state: { nodeId: id, joined }, managers }: NodeParts): string[] {
  if (joined === null) return [id];
  const known = managers.filter((each) => each !== id);
  return [...new Set(joined.manager === null ? known : [joined.manager, ...known])];
}

function descriptionOf(
  options: DaemonOptions,
  { address }: NodeParts,
  described: EngineDescription,
  ipAddress: string,
): NodeDescription {
  const { hostname, genericNodeResources: genericResources } = options;
  return {
    ...described,
    hostname,
    engineLabels: labelsOf(options, described),
    genericResources,
    address: ipAddress,
    remoteApiPort: hostPortOf(address).port,
    level: newestLevel,
  };
}

/** The engine's labels, and those of the command line. */
function labelsOf(
  { label }: Pick<DaemonOptions, "label">,
  { engineLabels }: EngineParts,
): EngineParts["engineLabels"] {
  return new Map([...engineLabels, ...label.map(pairOf)]);
}

/** What the engine says, as of this node. */
export function ofNode(options: DaemonOptions, event: ExecutorEvent): ExecutorEvent {
  if (event.kind !== "pong" || event.has === undefined) return event;
  return { ...event, has: { ...event.has, engineLabels: labelsOf(options, event.has) } };
}

function timingOf({ tick, heartbeatTick, electionTick }: DaemonOptions): RaftTiming {
  return {
    ...defaultRaftTiming,
    tickInterval: tick,
    heartbeatTicks: heartbeatTick,
    electionTicks: electionTick,
  };
}

/** Where other nodes find this one's tasks behind published ports. */
async function ipAddressIn({ address, log }: NodeParts): Promise<string> {
  const found = await ipAddressOf(address);
  const what = "no published port leads to this node's tasks: its IP address is not known";
  const how = "name it with --advertise-remote-api";
  if (found === "") log.warn({ address }, `${what}; ${how}`);
  return found;
}
