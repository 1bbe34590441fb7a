import { isOn } from "./lookup.ts";
import { ApiError, type Route, route } from "./routes.ts";

/** What a node does about being in a cluster. Each rejects with an `ApiError`. */
export interface Membership {
  /** Founds a cluster, as the body says; the id of the node. */
  init(body: unknown): Promise<string>;
  join(body: unknown): Promise<void>;
  /** `force`: what the node was told is not asked for. */
  leave(force: boolean): Promise<void>;
}

/**
 * How a node comes into a cluster and out of it. `problem`: why it does not leave unless it is
 * forced to, or null.
 */
export function membershipRoutes(
  membership: Membership,
  problem: () => Promise<string | null>,
): Route[] {
  return [
    route("POST", "/swarm/init", async (request) => {
      return { status: 200, body: await membership.init(await request.json()) };
    }),
    route("POST", "/swarm/join", async (request) => {
      await membership.join(await request.json());
      return { status: 200 };
    }),
    route("POST", "/swarm/leave", async (request) => {
      const force = isOn(request, "force");
      const reason = force ? null : await problem();
      if (reason !== null) throw new ApiError(503, reason);
      await membership.leave(force);
      return { status: 200 };
    }),
  ];
}
