import type { HeldIdentity } from "../../core/ca/signer-request.ts";
import type { Durable } from "../../core/node/durable.ts";

/** A manager as somebody has copied it: what its disk held, and who it is. */
export interface Backup {
  readonly durable: Durable;
  readonly held: HeldIdentity;
  /** The root of all certificates then, by its digest; null: there was none yet. */
  readonly root: string | null;
}
