import type { ExternalRequest } from "../ca/external-request.ts";

/**
 * The way to authorities outside the cluster: CFSSL's JSON over HTTPS in the daemon, with the
 * node's own certificate shown.
 */
export interface ExternalCaPort {
  /**
   * Never blocks, never throws: each request is answered once, with an `ExternalAnswer`, and not
   * later than its timeout. Answers come in any order.
   */
  ask(request: ExternalRequest): void;
}
