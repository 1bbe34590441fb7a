import { noBug } from "../../core/base/planted.ts";
import { answer } from "../../core/control/answer.ts";
import type { ClientReply, ClientRequest } from "../../core/control/command.ts";
import { decide, refused } from "../../core/control/control.ts";
import type { StoreObject } from "../../core/model/change.ts";
import { isRejection } from "../../core/model/rejection.ts";
import type { Store } from "../../core/store/store.ts";
import { ControlServer } from "../../real/api/control-server.ts";
import { OwnCluster } from "../../real/docker-api/cluster.ts";
import { clusterRoutes } from "../../real/docker-api/cluster-routes.ts";
import { Router } from "../../real/docker-api/router.ts";
import { ApiError, type Route } from "../../real/docker-api/routes.ts";
import { makeRoot } from "../../real/signer/x509.ts";
import { ca, cluster } from "./certificates.ts";
import { moment, node } from "./model.ts";
import { askedManager, raftView } from "./raft.ts";
import { commit, chance as newChance, storeOf } from "./store.ts";

/** What was answered. */
export interface Answered {
  readonly status: number;
  // biome-ignore lint/suspicious/noExplicitAny: a body is JSON of any form.
  readonly body: any;
}

/** The part of a request that asks for objects of that kind only. */
export function filters(wanted: object): string {
  return `filters=${encodeURIComponent(JSON.stringify(wanted))}`;
}

/** The endpoints of the cluster's objects, with a manager that is one store and core's control. */
export class DockerRequests {
  readonly store: Store;
  readonly #router: Router;

  private constructor(store: Store) {
    this.store = store;
    const chance = newChance();
    let second = 1;
    const control: ControlServer = new ControlServer((token, request) => {
      second += 1;
      const reply = replyTo(request, store, chance, second);
      queueMicrotask(() => control.reply(token, reply));
    });
    const raft = { heartbeatTicks: 1, electionTicks: 10 };
    const roles = { hasJoined: () => true, isManager: () => true };
    const own = { id: "m1", address: "m1.example:4242", ...roles, raft };
    const refuse = () => Promise.reject(new ApiError(501, "not here"));
    const membership = { init: refuse, join: refuse, leave: refuse };
    this.#router = new Router(clusterRoutes(new OwnCluster(own, control), membership, null));
  }

  /** A cluster of the manager `m1` and the worker `w1`, with these objects. */
  static async with(...objects: StoreObject[]): Promise<DockerRequests> {
    const root = await makeRoot(new Date());
    const nodes = [
      node("m1", { role: "manager", address: "10.0.0.1", remoteApiPort: 4242 }),
      node("w1"),
    ];
    return new DockerRequests(storeOf(cluster({ ...ca(), root }), ...nodes, ...objects));
  }

  async ask(method: Route["method"], path: string, body?: unknown): Promise<Answered> {
    const url = new URL(path, "http://docker");
    const found = this.#router.find(method, url.pathname);
    if (found === null) return { status: 404, body: { message: "page not found" } };
    const request = {
      params: found.params,
      query: url.searchParams,
      version: "1.47",
      headers: {},
      signal: new AbortController().signal,
      json: async () => body,
    };
    try {
      const { status, body: answered } = await found.route.handle(request);
      return { status, body: JSON.parse(JSON.stringify(answered ?? null)) };
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      return { status: error.status, body: { message: error.message } };
    }
  }
}

function replyTo(
  request: ClientRequest,
  store: Store,
  chance: ReturnType<typeof newChance>,
  second: number,
): ClientReply {
  if (request.kind === "query") {
    return { kind: "result", objects: answer(store, request.query, askedManager()) };
  }
  const context = { view: store, now: moment(second), ...chance, planted: noBug };
  const decided = decide(context, raftView(), request);
  const transaction = isRejection(decided) ? refused(request.request, decided) : decided;
  const [applied] = commit(store, [transaction], second).transactions;
  if (applied === undefined) throw new Error("nothing was applied");
  return { kind: "outcome", outcome: applied.outcome };
}
