import type { ClientReply } from "../control/command.ts";

/** The way back to whoever sent a command to this node. */
export interface Control {
  /** Answers the request that came in with `token`. At most once for each. */
  reply(token: number, reply: ClientReply): void;
}
