import type { Logger } from "pino";
import type { Shell } from "../../core/node/shell.ts";
import type { ControlServer } from "../api/control-server.ts";
import { engineAddress } from "../choose-engine.ts";
import { OwnCluster } from "../docker-api/cluster.ts";
import { clusterRoutes } from "../docker-api/cluster-routes.ts";
import { EngineConnection } from "../docker-api/engine-connection.ts";
import { EngineProxy } from "../docker-api/engine-proxy.ts";
import { EventLog, eventTables } from "../docker-api/event-log.ts";
import { eventRoutes } from "../docker-api/event-routes.ts";
import type { Elsewhere } from "../docker-api/handler.ts";
import { infoRoutes } from "../docker-api/info-routes.ts";
import { logRoutes } from "../docker-api/log-routes.ts";
import type { Membership } from "../docker-api/membership-routes.ts";
import { OutsideElsewhere, type OutsideState, outsideRoutes } from "../docker-api/outside.ts";
import type { Route } from "../docker-api/routes.ts";
import {
  checkPlace,
  type DockerServer,
  type ServedAt,
  serveDockerApi,
} from "../docker-api/server.ts";
import { systemRoutes } from "../docker-api/system-routes.ts";
import type { Engine } from "../engine.ts";
import type { AddressBook } from "../grpc/address-book.ts";
import type { LogBroker } from "../logs/log-broker.ts";
import type { DaemonOptions } from "./options.ts";
import { elsewhere, isHere, reachable } from "./reachable.ts";

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
 * Docker's API, where the options say, if anywhere: of a node that is up, of one that is locked,
 * and of one in no cluster. It stays on its socket in between, so that who unlocks it hears when it
 * is up.
 */
export class DockerApi {
  readonly #options: DaemonOptions;
  readonly #log: Logger;
  #server: DockerServer | null = null;
  #stopEvents: () => void = () => undefined;

  constructor(options: DaemonOptions, log: Logger) {
    this.#options = options;
    this.#log = log;
  }

  /** Rejects where it could not be served. */
  async check(): Promise<void> {
    if (this.#server === null) await checkPlace(placeOf(this.#options));
  }

  /** Of a node that takes no part in a cluster. Rejects where it can't be served. */
  async openOutside(state: OutsideState, membership: Membership): Promise<void> {
    if (!this.#isWanted) return;
    this.#stopEvents();
    const { hostname, executor, engineAddr = null } = this.#options;
    const address = executor === "process" ? null : engineAddress(engineAddr);
    const engine = address === null ? null : new EngineConnection(address);
    const outside = { state, hostname, membership, engine };
    await this.#serve(outsideRoutes(outside), new OutsideElsewhere(outside));
  }

  /** Of a node that is up. Rejects where it can't be served. */
  async open(config: DockerApiConfig, membership: Membership): Promise<void> {
    if (!this.#isWanted) return;
    const { control, engine } = config;
    const connection = engine.address === null ? null : new EngineConnection(engine.address);
    const events = new EventLog();
    this.#stopEvents = control.follow(eventTables, events.heard);
    const routes = routesOf(config, this.#options, connection, events, membership);
    await this.#serve(routes, new EngineProxy(connection));
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
  { id, control, address: own, book, logs, shell }: DockerApiConfig,
  options: DaemonOptions,
  engine: EngineConnection | null,
  events: EventLog,
  membership: Membership,
): readonly Route[] {
  const address = reachable(own);
  const isManager = () => shell()?.node?.member != null;
  const hasJoined = () => shell()?.node?.identity.certificate != null;
  const role = () => {
    if (isManager()) return "active/manager";
    return hasJoined() ? "active/worker" : "pending";
  };
  const raft = { heartbeatTicks: options.heartbeatTick, electionTicks: options.electionTick };
  const cluster = new OwnCluster({ id, address, isManager, hasJoined, raft }, control);
  const managers = () =>
    (shell()?.node?.standing.managers ?? []).flatMap((each) => {
      const at = each === id ? address : book.addressOf(each);
      return at === undefined ? [] : [[each, at] as const];
    });
  // Docker's client shows them as they are, and Docker's own begin so.
  const warnings = () => (isHere(address) ? [] : [`WARNING: ${address}: ${elsewhere}`]);
  return [
    ...systemRoutes(role),
    ...infoRoutes(cluster, { hostname: options.hostname, managers, warnings }, engine),
    ...clusterRoutes(cluster, membership, engine),
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
