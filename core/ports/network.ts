import type { NodeMessage } from "../node/message.ts";

/**
 * Datagrams between nodes, addressed by node id. A message may be lost, late, twice, or overtaken
 * by a later one; it is never altered, and its sender is who it says (mutual TLS in `real/`).
 */
export interface Network {
  /** Never blocks, never fails: what cannot be delivered is lost. May be sent to oneself. */
  send(to: string, message: NodeMessage): void;
}
