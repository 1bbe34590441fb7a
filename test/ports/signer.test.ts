import { signerConformance } from "./signer-suite.ts";
import { simSigner } from "./sim-signer.ts";

for (const harness of [simSigner]) signerConformance(harness);
