import { randomUUID } from "node:crypto";
import type {
  ClientRequest,
  Command,
  Consistency,
  Query,
  ResultOf,
} from "../../core/control/command.ts";
import type { Table } from "../../core/model/change.ts";
import type { RejectionCode } from "../../core/model/rejection.ts";
import { notManager } from "../../core/node/replies.ts";
import type { ControlServer } from "../api/control-server.ts";
import {
  askPatiently,
  objectsOf,
  RefusedError,
  resultOf,
  UnavailableError,
} from "../api/patience.ts";
import type { WatchEvent } from "../wire/services.ts";
import type { RaftTicks } from "./map/swarm.ts";
import { ApiError } from "./routes.ts";

/** The cluster as the node has it that serves the API. What goes wrong is an `ApiError`. */
export interface Cluster {
  readonly node: OwnNode;
  /** The id of the object that the command was about. */
  command(command: Command): Promise<string>;
  /** Linearizable, where nothing else is said. */
  query<Kind extends Query["kind"]>(
    query: Query & { readonly kind: Kind },
    consistency?: Consistency,
  ): Promise<ResultOf<Kind>>;
  /**
   * What changes from now on in these tables (none: in all), until the returned function is called
   * or it ends with an error.
   */
  watch(
    tables: readonly Table[],
    heard: (event: WatchEvent) => void,
    ended: (error: Error) => void,
  ): () => void;
}

/** What the API says of the node that it is served by. */
export interface OwnNode {
  readonly id: string;
  /** Host and port where other nodes reach it. */
  readonly address: string;
  /** It has been let in. */
  readonly hasJoined: () => boolean;
  /** False on a worker, and before the node has joined. */
  readonly isManager: () => boolean;
  readonly raft: RaftTicks;
}

/** How long a leader may be missing before a client hears of it; Docker's client waits longer. */
const patienceMs = 10_000;

/** The cluster by way of this node's own control API, which asks the leader where it must. */
export class OwnCluster implements Cluster {
  readonly node: OwnNode;
  readonly #control: ControlServer;
  /** Clients in whose name no command is under way: each has one at a time. */
  readonly #idle: { readonly name: string; sequence: number }[] = [];

  constructor(node: OwnNode, control: ControlServer) {
    this.node = node;
    this.#control = control;
  }

  async command(command: Command): Promise<string> {
    const client = this.#idle.pop() ?? { name: randomUUID(), sequence: 0 };
    client.sequence += 1;
    const request = { client: client.name, sequence: client.sequence };
    const reply = await this.#ask({ kind: "command", request, command });
    this.#idle.push(client);
    return translated(() => resultOf(reply));
  }

  async query<Kind extends Query["kind"]>(
    query: Query & { readonly kind: Kind },
    consistency: Consistency = "linearizable",
  ): Promise<ResultOf<Kind>> {
    return objectsOf(await this.#ask({ kind: "query", query, consistency }));
  }

  watch(
    tables: readonly Table[],
    heard: (event: WatchEvent) => void,
    ended: (error: Error) => void,
  ): () => void {
    this.#checkManager();
    return translated(() => this.#control.watch(tables, heard, ended));
  }

  #ask(request: ClientRequest) {
    this.#checkManager();
    return askPatiently(patienceMs, () => this.#control.ask(request)).catch((error: unknown) => {
      throw apiErrorOf(error);
    });
  }

  #checkManager(): void {
    if (this.node.isManager()) return;
    const { reason } = notManager(null) as { readonly reason: string };
    throw new ApiError(503, reason);
  }
}

function translated<T>(act: () => T): T {
  try {
    return act();
  } catch (error) {
    throw apiErrorOf(error);
  }
}

const statuses: Readonly<Record<RejectionCode, number>> = {
  InvalidArgument: 400,
  NotFound: 404,
  AlreadyExists: 409,
  FailedPrecondition: 400,
  Unimplemented: 501,
  Unavailable: 503,
};

/** What SwarmKit says of a constraint that can't be read has no code there. */
const unread = /^constraint expected one operator|^(key|value) '.*' is invalid$/;

/** As dockerd passes on what its swarm refuses (moby `errdefs`, `statusCodeFromGRPCError`). */
function apiErrorOf(error: unknown): unknown {
  if (error instanceof UnavailableError) return new ApiError(503, error.message);
  if (!(error instanceof RefusedError)) return error;
  const { code, message } = error;
  if (code === "NotFound") return new ApiError(404, message);
  if (message === "update out of sequence" || unread.test(message)) {
    return new ApiError(500, `rpc error: code = Unknown desc = ${message}`);
  }
  const network = /^network (.+) already exists$/.exec(message)?.[1];
  if (network !== undefined)
    return new ApiError(409, `network with name ${network} already exists`);
  const isName = code === "AlreadyExists" && message.startsWith("service ");
  const what = isName ? `name conflicts with an existing object: ${message}` : message;
  return new ApiError(statuses[code], `rpc error: code = ${code} desc = ${what}`);
}
