import type { IncomingMessage, ServerResponse } from "node:http";
import type { Duplex } from "node:stream";
import type { EngineConnection } from "./engine-connection.ts";
import { EngineProxy } from "./engine-proxy.ts";
import { type Asked, type Elsewhere, sendJson } from "./handler.ts";
import { engineInfo, ownInfo } from "./info-routes.ts";
import { dockerObject, parsed, text } from "./map/schema.ts";
import { type Membership, membershipRoutes } from "./membership-routes.ts";
import { ApiError, type ApiRequest, type Route, route } from "./routes.ts";
import { systemRoutes } from "./system-routes.ts";

/** Opens the manager with the unlock key: null, or why it does not. */
export type Unlock = (unlockKey: string) => string | null;

/** Why a node takes no part in a cluster. */
export type OutsideState =
  | { readonly kind: "inactive" }
  /** It is about to. */
  | { readonly kind: "pending" }
  /** `up`: once the API of an open manager is served. */
  | { readonly kind: "locked"; readonly unlock: Unlock; readonly up: Promise<void> }
  /** It is tried again. */
  | { readonly kind: "error"; readonly reason: string };

/** What the API of such a node is made of. */
export interface Outside {
  readonly state: OutsideState;
  readonly hostname: string;
  readonly membership: Membership;
  /** Null: there is none. */
  readonly engine: EngineConnection | null;
}

/** In Docker's words (moby `daemon/cluster/errors.go` and `errNoManager`). */
const notManager = "This node is not a swarm manager.";
const inactive =
  `${notManager} Use "docker swarm init" or "docker swarm join" to connect this node to swarm ` +
  "and try again.";
const pending = `${notManager} Manager is being prepared or has trouble connecting to the cluster.`;
const encrypted = "Swarm is encrypted and needs to be unlocked before it can be used.";
const locked = `${encrypted} Please use "docker swarm unlock" to unlock it.`;
const lockedOnLeave =
  "Swarm is encrypted and locked. Please unlock it first or use `--force` to ignore this message.";

/** The first part of the paths that are the cluster's. */
const clusterParts = new Set(["swarm", "nodes", "services", "tasks", "secrets", "configs"]);

const unlockRequest = dockerObject({ UnlockKey: text });

/** What a node serves that takes no part in a cluster. */
export function outsideRoutes({ state, hostname, membership, engine }: Outside): Route[] {
  const info = async ({ signal }: ApiRequest) => {
    const own = engine === null ? ownInfo({ hostname }) : await engineInfo(engine, signal);
    return { status: 200, body: { ...own, Swarm: swarmOf(state) } };
  };
  const problem = async () => (state.kind === "locked" ? lockedOnLeave : null);
  return [
    ...systemRoutes(() => state.kind),
    route("GET", "/info", info),
    ...membershipRoutes(membership, problem),
    ...(state.kind === "locked" ? [unlockRoute(state.unlock, state.up)] : []),
  ];
}

function swarmOf(state: OutsideState): object {
  return {
    ...{ NodeID: "", NodeAddr: "", LocalNodeState: state.kind, ControlAvailable: false },
    Error: state.kind === "locked" ? locked : state.kind === "error" ? state.reason : "",
    RemoteManagers: null,
  };
}

function unlockRoute(unlock: Unlock, up: Promise<void>): Route {
  return route("POST", "/swarm/unlock", async (request) => {
    const { UnlockKey = "" } = parsed(unlockRequest, await request.json());
    const problem = unlock(UnlockKey);
    if (problem !== null) throw new ApiError(400, `swarm could not be unlocked: ${problem}`);
    await up;
    return { status: 200 };
  });
}

/** What is the engine's own goes to it, its networks and events too; the cluster's is refused. */
export class OutsideElsewhere implements Elsewhere {
  readonly #engine: EngineProxy;
  readonly #reason: string;

  constructor({ state, engine }: Outside) {
    this.#engine = new EngineProxy(engine, ["networks", "events"]);
    this.#reason = reasonOf(state);
  }

  request(request: IncomingMessage, response: ServerResponse, asked: Asked): boolean {
    if (!clusterParts.has(asked.path.split("/")[1] ?? "")) {
      return this.#engine.request(request, response, asked);
    }
    sendJson(response, 503, { message: this.#reason });
    return true;
  }

  upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void {
    void this.#engine.upgrade(request, socket, head);
  }
}

function reasonOf({ kind }: OutsideState): string {
  if (kind === "locked") return locked;
  return kind === "inactive" ? inactive : pending;
}
