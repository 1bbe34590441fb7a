import { seconds } from "../../core/base/time.ts";
import { defaultClusterSpec } from "../../core/model/cluster.ts";
import type { ListedNode } from "../../core/model/node.ts";
import type { Service } from "../../core/model/service.ts";
import type { Task } from "../../core/model/task.ts";
import { type ExportedCluster, exportedCluster } from "../../core/observe/exported-cluster.ts";
import { cluster, type NodeTraits, node, type ServiceTraits, service, task } from "./model.ts";

/** A manager or worker of an exported cluster; `m1` leads. */
export function listed(id: string, traits: NodeTraits = {}): ListedNode {
  const role = id.startsWith("m") ? "manager" : "worker";
  const made = node(id, { role, ...traits });
  const status = { leader: id === "m1", reachability: "reachable" } as const;
  return { ...made, managerStatus: role === "manager" ? status : null };
}

/** A service with a running task on each of `places`, slot by slot. */
export interface PlacedService {
  readonly name: string;
  readonly traits?: ServiceTraits;
  readonly places: readonly string[];
}

/** What `swarmctl cluster export` prints of a cluster that is set as `swarmd` sets it. */
export function exported(
  nodes: readonly ListedNode[],
  placed: readonly PlacedService[],
): ExportedCluster {
  const services: Service[] = [];
  const tasks: Task[] = [];
  for (const { name, traits, places } of placed) {
    const replicas = places.length;
    services.push(service(name, { mode: { kind: "replicated", replicas }, ...traits }));
    for (const [at, nodeId] of places.entries()) {
      const run = { node: nodeId, slot: at + 1, service: name };
      tasks.push(task(`${name}.${at + 1}`, { ...traits, ...run }));
    }
  }
  const spec = { ...defaultClusterSpec, heartbeatPeriod: seconds(1), heartbeatGrace: 4 };
  const all = { cluster: cluster({ spec }), nodes, services, tasks, volumes: [] };
  return exportedCluster(all, "2026-01-01T00:00:00.000Z");
}
