import type { HeldIdentity, SignerAnswer, SignerRequest } from "../../core/ca/signer-request.ts";
import { Kernel } from "../../sim/kernel.ts";
import { SimSigner } from "../../sim/ports/signer.ts";
import { random } from "../support/store.ts";
import { runUntilSo } from "../support/world.ts";
import type { SignerHarness, SignerRig } from "./signer-suite.ts";

/** The signer of the simulator. */
export const simSigner: SignerHarness = {
  name: "the simulated signer",
  setUp: async () => undefined,
  open: async () => new SimSignerRig(),
  tearDown: async () => undefined,
};

class SimSignerRig implements SignerRig {
  readonly answers: SignerAnswer[] = [];
  readonly #kernel = new Kernel();
  readonly #signer = new SimSigner(this.#kernel, 0, random(), (answer) => {
    this.answers.push(answer);
  });

  sign(request: SignerRequest): void {
    this.#signer.sign(request);
  }

  async until(isSo: () => boolean): Promise<void> {
    runUntilSo(this.#kernel, isSo);
  }

  async restart(): Promise<HeldIdentity> {
    this.#signer.crash();
    return this.#signer.held;
  }

  async close(): Promise<void> {
    return;
  }
}
