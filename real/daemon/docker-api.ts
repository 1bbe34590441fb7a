import type { Logger } from "pino";
import type { Shell } from "../../core/node/shell.ts";
import type { ControlServer } from "../api/control-server.ts";
import { OwnCluster } from "../docker-api/cluster.ts";
import { clusterRoutes } from "../docker-api/cluster-routes.ts";
import { serveDockerApi } from "../docker-api/server.ts";
import { systemRoutes } from "../docker-api/system-routes.ts";
import type { AddressBook } from "../grpc/address-book.ts";
import type { DaemonOptions } from "./options.ts";

/** What Docker's API is made of in a daemon. */
export interface DockerApiConfig {
  readonly id: string;
  readonly options: DaemonOptions;
  readonly control: ControlServer;
  /** Host and port where other nodes reach this one. */
  readonly address: string;
  readonly book: AddressBook;
  readonly log: Logger;
  /** Null until the node has booted, and once it stops. */
  readonly shell: () => Shell | null;
}

/** Serves it where the options say. Rejects where it can't be served. */
export function openDockerApi(config: DockerApiConfig): Promise<{ close(): void }> {
  const { id, options, control, address, book, log, shell } = config;
  const isManager = () => shell()?.node?.member != null;
  const role = () => {
    if (isManager()) return "active/manager";
    return shell()?.node?.identity.certificate == null ? "pending" : "active/worker";
  };
  const cluster = new OwnCluster(
    {
      id,
      address,
      isManager,
      addressOf: (node) => (node === id ? address : (book.addressOf(node) ?? null)),
      raft: { heartbeatTicks: options.heartbeatTick, electionTicks: options.electionTick },
    },
    control,
  );
  const routes = [...systemRoutes(role), ...clusterRoutes(cluster)];
  const nowhere = { request: () => false };
  return serveDockerApi({ socket: options.dockerSocket || null, tls: null }, routes, nowhere, log);
}
