import type { Route } from "../model/ingress.ts";

/**
 * What answers on this node for the ports that services publish on every node (Swarm's routing
 * mesh): it listens, and carries each connection to one of the backends that core names. It knows
 * nothing of before the node's start.
 */
export interface Ingress {
  /**
   * From now on new connections to the port go to these backends, and to none that is not named;
   * those there are go on. Never blocks, never fails: a port that can't be had is tried again.
   */
  route(route: Route): void;
}
