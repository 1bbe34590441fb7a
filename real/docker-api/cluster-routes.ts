import type { Cluster } from "./cluster.ts";
import { fileRoutes } from "./file-routes.ts";
import { networkRoutes } from "./network-routes.ts";
import { nodeRoutes } from "./node-routes.ts";
import type { Route } from "./routes.ts";
import { serviceRoutes } from "./service-routes.ts";
import { swarmRoutes } from "./swarm-routes.ts";
import { taskRoutes } from "./task-routes.ts";

/** All endpoints for the objects of the cluster. */
export function clusterRoutes(cluster: Cluster): Route[] {
  return [
    ...swarmRoutes(cluster),
    ...nodeRoutes(cluster),
    ...serviceRoutes(cluster),
    ...taskRoutes(cluster),
    ...fileRoutes(cluster, "secret"),
    ...fileRoutes(cluster, "config"),
    ...networkRoutes(cluster),
  ];
}
