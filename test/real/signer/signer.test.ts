import { mkdtempSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import "reflect-metadata";
import * as x509 from "@peculiar/x509";
import { expect, test } from "vitest";
import { limits } from "../../../core/base/limits.ts";
import type { SignerAnswer } from "../../../core/ca/signer-request.ts";
import type { SigningRoot } from "../../../core/model/certificate.ts";
import { type ManagerLock, unlocked } from "../../../core/model/manager-lock.ts";
import { readChain } from "../../../real/signer/chain.ts";
import { IdentityFiles } from "../../../real/signer/identity-files.ts";
import { RealSigner } from "../../../real/signer/signer.ts";
import { issue, joinedPem, makeRequest } from "../../../real/signer/x509.ts";
import { runFolder } from "../../support/run-folder.ts";
import { certificateOf, newCredentials, newRoot } from "../../support/tls-nodes.ts";

// Goal: what is believed is what was signed, whatever stands beside it.

const algorithm = { name: "ECDSA", namedCurve: "P-256", hash: "SHA-256" };

/** A node's certificate for the key of this root of its own making. */
async function nodeWithKeyOf(own: SigningRoot, by: SigningRoot): Promise<string> {
  const key = x509.PemConverter.decodeFirst(own.key);
  const privateKey = await crypto.subtle.importKey("pkcs8", key, algorithm, true, ["sign"]);
  const publicKey = await new x509.X509Certificate(own.certificate).publicKey.export();
  const keys = { privateKey, publicKey };
  const asked = { name: "CN=w1", keys, signingAlgorithm: algorithm };
  const request = await x509.Pkcs10CertificateRequestGenerator.create(asked);
  const claims = certificateOf(await newCredentials(by, "w1", { role: "worker" }));
  return issue(request.toString("pem"), claims, by, []);
}

test("a node's certificate vouches for no root, though it has the same key", async () => {
  const [trusted, own] = [await newRoot(), await newRoot()];
  const { chain } = await newCredentials(own, "m1", { role: "manager" });
  const read = readChain(joinedPem([chain, await nodeWithKeyOf(own, trusted)]));
  expect(read).toMatchObject({ certificate: { issuer: own.digest, vouchers: [] } });
});

test("a certificate that brings more than can be of use is not looked at", async () => {
  const root = await newRoot();
  const { chain } = await newCredentials(root, "m1");
  const most = 2 * (limits.formerRoots + 1);
  const withMore = (count: number) =>
    readChain(joinedPem([chain, ...new Array<string>(count).fill(root.certificate)]));
  expect(withMore(most).kind).toBe("chain");
  const reason = `${most + 2} others come with it`;
  expect(withMore(most + 1)).toEqual({ kind: "invalid", reason });
});

const listener = { show: () => undefined, trust: () => undefined };

test("a crash finds the key to TLS sealed only where all else is locked", async () => {
  const folder = join(mkdtempSync(join(runFolder(), "sealed-")), "certificates");
  const files = new IdentityFiles(folder);
  files.writeCredentials(await newCredentials(await newRoot(), "m1"));
  const path = join(folder, "swarm-node.pem");
  const isSealed = () => readFileSync(path, "utf8").includes("ENCRYPTED");
  const whenLocked: boolean[] = [];
  const vault = {
    identityKey: null as Uint8Array | null,
    setLock: async ({ key }: ManagerLock) => {
      whenLocked.push(isSealed());
      vault.identityKey = key === null ? null : new Uint8Array(32);
    },
  };
  const afterwards: boolean[] = [];
  for (const lock of [{ key: "SWMKEY-1-x", version: 1 }, unlocked]) {
    await new Promise<SignerAnswer>((resolve) => {
      new RealSigner(files, vault, [], listener, resolve).sign({ kind: "lock", lock });
    });
    afterwards.push(isSealed());
  }
  expect({ whenLocked, afterwards }).toEqual({
    whenLocked: [false, false],
    afterwards: [true, false],
  });
  expect([folder, path].map((each) => statSync(each).mode & 0o777)).toEqual([0o700, 0o600]);
});

test("behind a root that is trusted no other comes in", async () => {
  const [root, other] = [await newRoot(), await newRoot()];
  const files = new IdentityFiles(mkdtempSync(join(runFolder(), "roots-")));
  const vault = { setLock: async () => undefined, identityKey: null };
  const trusting = ({ digest }: SigningRoot, certificate: string) =>
    new Promise<SignerAnswer>((resolve) => {
      const signer = new RealSigner(files, vault, [], listener, resolve);
      signer.sign({ kind: "trust", roots: [{ certificate, digest }] });
    });
  const both = joinedPem([root.certificate, other.certificate]);
  const hidden = joinedPem([
    root.certificate.replaceAll(" CERTIFICATE", " X509 CERTIFICATE"),
    other.certificate,
  ]);
  for (const text of [both, hidden]) {
    expect(await trusting(root, text)).toMatchObject({ kind: "failed", request: "trust" });
  }
  expect(files.read().held.roots).toEqual([]);
  expect(await trusting(root, `${root.certificate}\nand words`)).toMatchObject({ kind: "trusted" });
  expect(files.read().held.roots.map(({ digest }) => digest)).toEqual([root.digest]);
});

test("a request that is none is told from others, and those after it are signed", async () => {
  const files = new IdentityFiles(mkdtempSync(join(runFolder(), "requests-")));
  const vault = { setLock: async () => undefined, identityKey: null };
  const by = await newRoot();
  const { request } = await makeRequest();
  const own = certificateOf(await newCredentials(by, "w1", { role: "worker" }));
  const answers = await new Promise<SignerAnswer[]>((resolve) => {
    const found: SignerAnswer[] = [];
    const signer = new RealSigner(files, vault, [], listener, (answer) => {
      if (found.push(answer) === 2) resolve(found);
    });
    for (const [at, asked] of ["no request", request].entries()) {
      const claims = { ...own, nodeId: `w${at}` };
      signer.sign({ kind: "issue", request: asked, claims, by, crossSigned: [] });
    }
  });
  expect(answers).toMatchObject([
    { kind: "not-issued", claims: { nodeId: "w0" } },
    { kind: "issued", certificate: { nodeId: "w1" } },
  ]);
});
