import type { Cluster } from "./cluster.ts";
import type { EngineConnection } from "./engine-connection.ts";
import { fileRoutes } from "./file-routes.ts";
import type { Membership } from "./membership-routes.ts";
import { networkRoutes } from "./network-routes.ts";
import { nodeRoutes } from "./node-routes.ts";
import type { Route } from "./routes.ts";
import { serviceRoutes } from "./service-routes.ts";
import { Services } from "./services.ts";
import { swarmRoutes } from "./swarm-routes.ts";
import { taskRoutes } from "./task-routes.ts";

/** All endpoints for the objects of the cluster. */
export function clusterRoutes(
  cluster: Cluster,
  membership: Membership,
  engine: EngineConnection | null,
): Route[] {
  const services = new Services(cluster);
  return [
    ...swarmRoutes(cluster, membership),
    ...nodeRoutes(cluster),
    ...serviceRoutes(cluster, services),
    ...taskRoutes(cluster, services),
    ...fileRoutes(cluster, "secret"),
    ...fileRoutes(cluster, "config"),
    ...networkRoutes(cluster, engine),
  ];
}
