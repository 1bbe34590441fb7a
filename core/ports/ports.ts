import type { Clock } from "./clock.ts";
import type { Control } from "./control.ts";
import type { Entropy } from "./entropy.ts";
import type { Executor } from "./executor.ts";
import type { ExternalCaPort } from "./external-ca.ts";
import type { Ingress } from "./ingress.ts";
import type { Network } from "./network.ts";
import type { OverlayPort } from "./overlay.ts";
import type { Signer } from "./signer.ts";
import type { Storage } from "./storage.ts";
import type { Trace } from "./trace.ts";

/** All that a node can do to the world. `core/node/shell.ts` is the only one to hold it. */
export interface Ports {
  readonly clock: Clock;
  readonly network: Network;
  readonly storage: Storage;
  readonly executor: Executor;
  readonly ingress: Ingress;
  readonly overlay: OverlayPort;
  readonly entropy: Entropy;
  readonly signer: Signer;
  readonly externalCa: ExternalCaPort;
  readonly control: Control;
  readonly trace: Trace;
}
