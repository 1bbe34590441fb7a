import type { Logger } from "pino";
import type { Shell } from "../../core/node/shell.ts";
import type { ControlServer } from "../api/control-server.ts";
import { OwnCluster } from "../docker-api/cluster.ts";
import { clusterRoutes } from "../docker-api/cluster-routes.ts";
import { EngineConnection } from "../docker-api/engine-connection.ts";
import { EngineProxy } from "../docker-api/engine-proxy.ts";
import { EventLog, eventTables } from "../docker-api/event-log.ts";
import { eventRoutes } from "../docker-api/event-routes.ts";
import { infoRoutes } from "../docker-api/info-routes.ts";
import { logRoutes } from "../docker-api/log-routes.ts";
import { type ServedAt, serveDockerApi } from "../docker-api/server.ts";
import { systemRoutes } from "../docker-api/system-routes.ts";
import type { Engine } from "../engine.ts";
import type { AddressBook } from "../grpc/address-book.ts";
import type { LogBroker } from "../logs/log-broker.ts";
import type { DaemonOptions } from "./options.ts";

/** What Docker's API is made of in a daemon. */
export interface DockerApiConfig {
  readonly id: string;
  readonly options: DaemonOptions;
  readonly control: ControlServer;
  /** Host and port where other nodes reach this one. */
  readonly address: string;
  readonly book: AddressBook;
  readonly engine: Engine;
  readonly logs: LogBroker;
  readonly log: Logger;
  /** Null until the node has booted, and once it stops. */
  readonly shell: () => Shell | null;
}

/** Serves it where the options say. Rejects where it can't be served. */
export async function openDockerApi(config: DockerApiConfig): Promise<{ close(): void }> {
  const { id, options, control, address, book, logs, log, shell } = config;
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
  const engine =
    config.engine.address === null ? null : new EngineConnection(config.engine.address);
  const events = new EventLog();
  const stopEvents = control.watch(eventTables, events.heard, () => undefined);
  const managers = () =>
    new Map([...book.managers, ...(isManager() ? [[id, address] as const] : [])]);
  const routes = [
    ...systemRoutes(role),
    ...infoRoutes(cluster, { hostname: options.hostname, managers }, engine),
    ...clusterRoutes(cluster),
    ...logRoutes(cluster, logs),
    ...eventRoutes(events, engine),
  ];
  const server = await serveDockerApi(placeOf(options), routes, new EngineProxy(engine), log);
  const close = () => {
    stopEvents();
    server.close();
  };
  return { close };
}

function placeOf({ dockerSocket, dockerListen, ...options }: DaemonOptions): ServedAt {
  const socket = dockerSocket === "" ? null : dockerSocket;
  if (dockerListen === "") return { socket, tls: null };
  const { dockerTlsCa: ca = "", dockerTlsCert: cert = "", dockerTlsKey: key = "" } = options;
  return { socket, tls: { address: dockerListen, files: { ca, cert, key } } };
}
