import os from "node:os";
import { hostPortOf } from "../host-port.ts";
import { ownVersion } from "../version.ts";
import type { Cluster } from "./cluster.ts";
import type { EngineConnection } from "./engine-connection.ts";
import { shownSwarm } from "./map/swarm.ts";
import { type ApiRequest, type Route, route } from "./routes.ts";

/** What `/info` tells besides what the cluster knows. */
export interface InfoFacts {
  readonly hostname: string;
  /** The managers that the node knows of: the id of each, with host and port. */
  readonly managers: () => readonly (readonly [string, string])[];
  /** Lines for who looks at the node; the engine has its own. */
  readonly warnings: () => readonly string[];
}

/** Of an engine, or of a node without one; what is read of it here. */
interface Info {
  readonly [field: string]: unknown;
  readonly Warnings: readonly string[] | null;
}

/** `/info`: the engine's where there is one, with the swarm that the node is part of. */
export function infoRoutes(
  cluster: Cluster,
  facts: InfoFacts,
  engine: EngineConnection | null,
): Route[] {
  const handle = async ({ signal }: ApiRequest) => {
    const own = engine === null ? ownInfo(facts) : await engineInfo(engine, signal);
    const Warnings = [...(own.Warnings ?? []), ...facts.warnings()];
    return { status: 200, body: { ...own, Warnings, Swarm: await swarmInfo(cluster, facts) } };
  };
  return [route("GET", "/info", handle)];
}

/** As the engine has it. */
export async function engineInfo(engine: EngineConnection, signal: AbortSignal): Promise<Info> {
  return (await engine.json("/info", "", signal)) as Info;
}

async function swarmInfo(cluster: Cluster, facts: InfoFacts): Promise<object> {
  const { node } = cluster;
  const RemoteManagers = facts.managers().map(([NodeID, Addr]) => ({ NodeID, Addr }));
  const local = {
    NodeID: node.id,
    NodeAddr: hostPortOf(node.address).host,
    LocalNodeState: node.hasJoined() ? "active" : "pending",
    ControlAvailable: node.isManager(),
    Error: "",
    RemoteManagers,
  };
  if (!node.isManager()) return local;
  const [found] = await cluster.query({ kind: "get-cluster" }, "stale");
  const nodes = await cluster.query({ kind: "list-nodes" }, "stale");
  const count = nodes.filter(({ role }) => role === "manager").length;
  const ca = found?.ca ?? null;
  const swarm = found === undefined || ca === null ? {} : shownSwarm(found, ca, node.raft);
  return { ...local, Nodes: nodes.length, Managers: count, Cluster: swarm };
}

/** Of a node that runs plain processes, or knows of no engine yet. */
export function ownInfo({ hostname }: Pick<InfoFacts, "hostname">): Info {
  return {
    ID: hostname,
    Name: hostname,
    ServerVersion: ownVersion,
    Driver: "process",
    DriverStatus: [],
    ...{ Containers: 0, ContainersRunning: 0, ContainersPaused: 0, ContainersStopped: 0 },
    Images: 0,
    Plugins: { Volume: [], Network: ["host", "null"], Authorization: null, Log: [] },
    NCPU: os.cpus().length,
    MemTotal: os.totalmem(),
    OperatingSystem: `${os.type()} ${os.release()}`,
    OSType: process.platform,
    OSVersion: os.release(),
    Architecture: os.machine(),
    KernelVersion: os.release(),
    Labels: [],
    SystemTime: new Date().toISOString(),
    LoggingDriver: "none",
    SecurityOptions: [],
    Warnings: null,
  };
}
