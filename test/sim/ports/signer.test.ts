import { expect, test } from "vitest";
import type { SignerAnswer, SignerRequest } from "../../../core/ca/signer-request.ts";
import type { Certificate, Claims, SigningRoot } from "../../../core/model/certificate.ts";
import { Kernel } from "../../../sim/kernel.ts";
import { SimSigner } from "../../../sim/ports/signer.ts";
import { certificate } from "../../support/certificates.ts";
import { random } from "../../support/store.ts";
import { runOut } from "../../support/world.ts";

type Of<K extends SignerAnswer["kind"]> = Extract<SignerAnswer, { kind: K }>;

function machine(seed: number) {
  const kernel = new Kernel();
  const answers: SignerAnswer[] = [];
  const signer = new SimSigner(kernel, 0, random(seed), (answer) => answers.push(answer));
  const ask = (request: SignerRequest): SignerAnswer => {
    signer.sign(request);
    runOut(kernel);
    return answers.pop() as SignerAnswer;
  };
  return { kernel, signer, answers, ask };
}

const ca = machine(1);
const first = (ca.ask({ kind: "make-root" }) as Of<"root-made">).root;
const second = (ca.ask({ kind: "make-root" }) as Of<"root-made">).root;

function issue(request: string, by: SigningRoot, traits: Partial<Claims> = {}): Certificate {
  const { text: _text, ...claims } = certificate("w1", { issuer: by.digest, ...traits });
  const crossed = ca.ask({ kind: "cross-sign", root: by, by: first }) as Of<"cross-signed">;
  const crossSigned = claims.vouchers.map(() => crossed.crossSigned);
  return (ca.ask({ kind: "issue", request, claims, by, crossSigned }) as Of<"issued">).certificate;
}

test("a certificate for the last key is installed when a trusted root has signed it", () => {
  const { ask, signer } = machine(2);
  ask({ kind: "trust", roots: [first] });
  const { request } = ask({ kind: "make-request" }) as Of<"request-made">;
  const issued = issue(request, first);
  expect(ask({ kind: "install", certificate: issued }).kind).toBe("installed");
  expect(signer.held.certificate).toEqual(issued);
  expect(ask({ kind: "install", certificate: issued })).toMatchObject({ kind: "failed" });
});

test("a root that the old one vouches for is trusted from then on", () => {
  const { ask, signer } = machine(3);
  ask({ kind: "trust", roots: [first] });
  const { request } = ask({ kind: "make-request" }) as Of<"request-made">;
  expect(ask({ kind: "install", certificate: issue(request, second) }).kind).toBe("failed");
  const vouched = issue(request, second, { vouchers: [first.digest] });
  expect(ask({ kind: "install", certificate: vouched }).kind).toBe("installed");
  expect(signer.held.roots.map(({ digest }) => digest)).toEqual([first.digest, second.digest]);
});

test("a crash loses the key that waits for a certificate, and the answer under way", () => {
  const { ask, signer, kernel, answers } = machine(4);
  ask({ kind: "trust", roots: [first] });
  const { request } = ask({ kind: "make-request" }) as Of<"request-made">;
  signer.sign({ kind: "make-request" });
  signer.crash();
  runOut(kernel);
  expect(answers).toEqual([]);
  expect(ask({ kind: "install", certificate: issue(request, first) }).kind).toBe("failed");
  expect(signer.held.roots).toHaveLength(1);
});

test("roots are not kept under a digest that is not theirs", () => {
  const { ask } = machine(5);
  const forged = { certificate: second.certificate, digest: first.digest };
  expect(ask({ kind: "trust", roots: [forged] })).toMatchObject({ kind: "failed" });
});
