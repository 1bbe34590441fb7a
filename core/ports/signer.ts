import type { SignerRequest } from "../ca/signer-request.ts";

/**
 * Where this machine's keys are, and the only place that knows cryptography: X.509 in the daemon,
 * plain texts in the simulator. What it is asked to keep is on disk before it answers.
 */
export interface Signer {
  /** Never blocks, never throws: the answer reaches the shell as a `SignerAnswer`, in order. */
  sign(request: SignerRequest): void;
}
