import type { Logger } from "pino";
import type { Shell } from "../../core/node/shell.ts";
import type { ControlServer } from "../api/control-server.ts";
import { OwnCluster } from "../docker-api/cluster.ts";
import { clusterRoutes } from "../docker-api/cluster-routes.ts";
import { EngineConnection } from "../docker-api/engine-connection.ts";
import { EngineProxy } from "../docker-api/engine-proxy.ts";
import { EventLog, eventTables } from "../docker-api/event-log.ts";
import { eventRoutes } from "../docker-api/event-routes.ts";
import type { Elsewhere } from "../docker-api/handler.ts";
import { infoRoutes } from "../docker-api/info-routes.ts";
import { lockedElsewhere, lockedRoutes, type Unlock } from "../docker-api/locked.ts";
import { logRoutes } from "../docker-api/log-routes.ts";
import type { Route } from "../docker-api/routes.ts";
import { type DockerServer, type ServedAt, serveDockerApi } from "../docker-api/server.ts";
import { systemRoutes } from "../docker-api/system-routes.ts";
import type { Engine } from "../engine.ts";
import type { AddressBook } from "../grpc/address-book.ts";
import type { LogBroker } from "../logs/log-broker.ts";
import type { DaemonOptions } from "./options.ts";

/** What the API of a node that is up is made of. */
export interface DockerApiConfig {
  readonly id: string;
  readonly control: ControlServer;
  /** Host and port where other nodes reach this one. */
  readonly address: string;
  readonly book: AddressBook;
  readonly engine: Engine;
  readonly logs: LogBroker;
  /** Null until the node has booted, and once it stops. */
  readonly shell: () => Shell | null;
}

/**
 * Docker's API, where the options say, if anywhere: from when the node is up, and before that while
 * it is locked. It stays on its socket in between, so that who unlocks it hears when it is up.
 */
export class DockerApi {
  readonly #options: DaemonOptions;
  readonly #log: Logger;
  #server: DockerServer | null = null;
  #stopEvents: () => void = () => undefined;
  #isUp: () => void = () => undefined;

  constructor(options: DaemonOptions, log: Logger) {
    this.#options = options;
    this.#log = log;
  }

  /** Of a manager that waits for its key. Rejects where it can't be served. */
  async openLocked(unlock: Unlock): Promise<void> {
    if (!this.#isWanted) return;
    const up = new Promise<void>((resolve) => {
      this.#isUp = resolve;
    });
    await this.#serve(lockedRoutes(this.#options.hostname, unlock, up), lockedElsewhere);
  }

  /** Of a node that is up. Rejects where it can't be served. */
  async open(config: DockerApiConfig): Promise<void> {
    if (!this.#isWanted) return;
    const { control, engine } = config;
    const connection = engine.address === null ? null : new EngineConnection(engine.address);
    const events = new EventLog();
    this.#stopEvents = control.watch(eventTables, events.heard, () => undefined);
    const routes = routesOf(config, this.#options, connection, events);
    await this.#serve(routes, new EngineProxy(connection));
    this.#isUp();
  }

  close(): void {
    this.#stopEvents();
    this.#server?.close();
  }

  get #isWanted(): boolean {
    return this.#options.dockerSocket !== "" || this.#options.dockerListen !== "";
  }

  async #serve(routes: readonly Route[], elsewhere: Elsewhere): Promise<void> {
    if (this.#server !== null) return this.#server.serve(routes, elsewhere);
    this.#server = await serveDockerApi(placeOf(this.#options), routes, elsewhere, this.#log);
  }
}

function routesOf(
  { id, control, address, book, logs, shell }: DockerApiConfig,
  options: DaemonOptions,
  engine: EngineConnection | null,
  events: EventLog,
): readonly Route[] {
  const isManager = () => shell()?.node?.member != null;
  const role = () => {
    if (isManager()) return "active/manager";
    return shell()?.node?.identity.certificate == null ? "pending" : "active/worker";
  };
  const raft = { heartbeatTicks: options.heartbeatTick, electionTicks: options.electionTick };
  const cluster = new OwnCluster({ id, address, isManager, raft }, control);
  const managers = () =>
    (shell()?.node?.standing.managers ?? []).flatMap((each) => {
      const at = each === id ? address : book.addressOf(each);
      return at === undefined ? [] : [[each, at] as const];
    });
  return [
    ...systemRoutes(role),
    ...infoRoutes(cluster, { hostname: options.hostname, managers }, engine),
    ...clusterRoutes(cluster),
    ...logRoutes(cluster, logs),
    ...eventRoutes(events, engine),
  ];
}

function placeOf({ dockerSocket, dockerListen, ...options }: DaemonOptions): ServedAt {
  const socket = dockerSocket === "" ? null : dockerSocket;
  if (dockerListen === "") return { socket, tls: null };
  const { dockerTlsCa: ca = "", dockerTlsCert: cert = "", dockerTlsKey: key = "" } = options;
  return { socket, tls: { address: dockerListen, files: { ca, cert, key } } };
}
