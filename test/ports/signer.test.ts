import { fileSigner } from "./file-signer.ts";
import { signerConformance } from "./signer-suite.ts";
import { simSigner } from "./sim-signer.ts";

for (const harness of [simSigner, fileSigner]) signerConformance(harness);
