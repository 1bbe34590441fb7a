import type { Certificate } from "../../core/model/certificate.ts";
import type { NodeMessage } from "../../core/node/message.ts";
import type { Guise } from "../scenario/fault-words.ts";
import type { Host } from "./host.ts";

/**
 * Who may say such a thing: managers, agents, anyone with a certificate, or who wants one. Words of
 * an older incarnation are hints, whatever they say.
 */
export type Claim = "manager" | "agent" | "hint" | "request";

/** A message that a machine sends behind the back of its own node. */
export interface Forgery {
  readonly from: Host;
  readonly certificate: Certificate | null;
  readonly guise: Guise;
  readonly claims: Claim;
}

/** What became of it: a node has looked at it. */
export interface ForgedMessage extends Forgery {
  readonly kind: NodeMessage["kind"];
  readonly wasDenied: boolean;
  /** The incarnation of the cluster that the node knew before. */
  readonly incarnationBefore: number;
}
