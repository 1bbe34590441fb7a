import type { NodeMessage } from "../node/message.ts";

/**
 * Datagrams between nodes, addressed by node id. A message may be lost, late, twice, or overtaken
 * by a later one; it is never altered. The adapter shows this node's certificate to its peers, and
 * hands each message on with the certificate that its sender has shown: it checks that the sender
 * holds the key and that the root named there has signed it (mutual TLS in `real/`), and leaves it
 * to core whether that root is trusted, whether its time is over, and who may say what.
 */
export interface Network {
  /**
   * Never blocks, never fails: what cannot be delivered is lost. May be sent to oneself. Where the
   * other machine answers that nobody listens there, the node is told so (`unreachable`): maybe
   * late, when somebody does again, and not for each message.
   */
  send(to: string, message: NodeMessage): void;
}
