import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { HeldIdentity, SignerAnswer, SignerRequest } from "../../core/ca/signer-request.ts";
import { IdentityFiles } from "../../real/signer/identity-files.ts";
import { RealSigner } from "../../real/signer/signer.ts";
import { eventually } from "../support/tls-nodes.ts";
import type { SignerHarness, SignerRig } from "./signer-suite.ts";

/** X.509, with the keys in files. */
export const fileSigner: SignerHarness = {
  name: "the signer of the daemon",
  setUp: async () => undefined,
  open: async () => new FileSignerRig(),
  tearDown: async () => undefined,
};

const nobody = { show: () => undefined, trust: () => undefined };
/** Of a node that keeps nothing else. */
const open = { setLock: async () => undefined, identityKey: null };

class FileSignerRig implements SignerRig {
  readonly answers: SignerAnswer[] = [];
  readonly #folder = mkdtempSync(join(tmpdir(), "simswarm-signer-"));
  #signer = this.#open();

  sign(request: SignerRequest): void {
    this.#signer.sign(request);
  }

  until(isSo: () => boolean): Promise<void> {
    return eventually(isSo, "the signer's answer");
  }

  async restart(): Promise<HeldIdentity> {
    this.#signer = this.#open();
    return this.#files.read().held;
  }

  async close(): Promise<void> {
    rmSync(this.#folder, { recursive: true });
  }

  get #files(): IdentityFiles {
    return new IdentityFiles(this.#folder);
  }

  #open(): RealSigner {
    const { roots } = this.#files.read().held;
    return new RealSigner(this.#files, open, roots, nobody, (answer) => this.answers.push(answer));
  }
}
