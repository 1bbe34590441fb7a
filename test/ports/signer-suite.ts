import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import type { Timestamp } from "../../core/base/time.ts";
import type { HeldIdentity, SignerAnswer, SignerRequest } from "../../core/ca/signer-request.ts";
import type { Claims, Root, SigningRoot, VouchingRoot } from "../../core/model/certificate.ts";

/** The keys of one machine, none at first. */
export interface SignerRig {
  readonly answers: readonly SignerAnswer[];
  sign(request: SignerRequest): void;
  /** Lets time pass until `isSo`; fails when it takes too long. */
  until(isSo: () => boolean): Promise<void>;
  /** The daemon ends and starts again: what it finds. */
  restart(): Promise<HeldIdentity>;
  close(): Promise<void>;
}

export interface SignerHarness {
  readonly name: string;
  setUp(): Promise<void>;
  open(): Promise<SignerRig>;
  tearDown(): Promise<void>;
}

const hour = 3_600_000_000;

function claimsFor(issuer: string, vouchers: readonly string[] = []): Claims {
  const now = Date.now() * 1_000;
  return {
    serial: 1,
    nodeId: "n1",
    role: "worker",
    organization: "org",
    issuer,
    vouchers,
    notBefore: (now - hour) as Timestamp,
    notAfter: (now + 24 * hour) as Timestamp,
  };
}

function rootOf({ certificate, digest }: SigningRoot): Root {
  return { certificate, digest };
}

/** Asks, and waits for the answer. */
class Asker {
  readonly #rig: SignerRig;

  constructor(rig: SignerRig) {
    this.#rig = rig;
  }

  async ask(request: SignerRequest): Promise<SignerAnswer> {
    const before = this.#rig.answers.length;
    this.#rig.sign(request);
    await this.#rig.until(() => this.#rig.answers.length > before);
    return this.#rig.answers[before] as SignerAnswer;
  }

  async root(): Promise<SigningRoot> {
    const answer = await this.ask({ kind: "make-root" });
    if (answer.kind !== "root-made") throw new Error(JSON.stringify(answer));
    return answer.root;
  }

  async request(): Promise<string> {
    const answer = await this.ask({ kind: "make-request" });
    if (answer.kind !== "request-made") throw new Error(JSON.stringify(answer));
    return answer.request;
  }

  trust(...roots: SigningRoot[]): Promise<SignerAnswer> {
    return this.ask({ kind: "trust", roots: roots.map(rootOf) });
  }

  async vouching(by: SigningRoot, next: SigningRoot): Promise<VouchingRoot> {
    const answer = await this.ask({ kind: "cross-sign", root: rootOf(next), by });
    if (answer.kind !== "cross-signed") throw new Error(JSON.stringify(answer));
    expect(answer.digest).toBe(next.digest);
    return { digest: by.digest, crossSigned: answer.crossSigned };
  }

  /** Has a certificate issued, for a new key unless a request is there, and installed. */
  async install(
    by: SigningRoot,
    vouchers: readonly VouchingRoot[] = [],
    made?: string,
  ): Promise<SignerAnswer> {
    const request = made ?? (await this.request());
    const digests = vouchers.map(({ digest }) => digest);
    const claims = claimsFor(by.digest, digests);
    const crossSigned = vouchers.map((voucher) => voucher.crossSigned);
    const issued = await this.ask({ kind: "issue", request, claims, by, crossSigned });
    if (issued.kind !== "issued") throw new Error(JSON.stringify(issued));
    expect(issued.certificate.vouchers).toEqual(digests);
    return this.ask({ kind: "install", certificate: issued.certificate });
  }
}

// Goal: a signer is what `core/ports/signer.ts` says, the simulated one and the real one.

/** The tests that every signer passes. */
export function signerConformance(harness: SignerHarness): void {
  describe(harness.name, () => {
    let rig: SignerRig;
    let asker: Asker;
    beforeAll(() => harness.setUp());
    beforeEach(async () => {
      rig = await harness.open();
      asker = new Asker(rig);
      return () => rig.close();
    });
    afterAll(() => harness.tearDown());

    test("answers each request once, in order, and not within the call", async () => {
      const kinds = ["make-root", "make-request", "make-root"] as const;
      for (const kind of kinds) rig.sign({ kind });
      expect(rig.answers).toEqual([]);
      await rig.until(() => rig.answers.length === 3);
      const said = rig.answers.map(({ kind }) => kind);
      expect(said).toEqual(["root-made", "request-made", "root-made"]);
    });

    test("keeps a certificate and the roots that it trusts", async () => {
      const root = await asker.root();
      expect(await asker.trust(root)).toEqual({ kind: "trusted", roots: [rootOf(root)] });
      const installed = await asker.install(root);
      expect(installed).toMatchObject({ kind: "installed", roots: [rootOf(root)] });
      const held = await rig.restart();
      const { nodeId, role, organization } = claimsFor(root.digest);
      expect(held.certificate).toMatchObject({ nodeId, role, organization, issuer: root.digest });
      expect(held.roots).toEqual([rootOf(root)]);
      expect(held.token).toBeNull();
    });

    test("has no use for a certificate for another key, or for one of before", async () => {
      const root = await asker.root();
      await asker.trust(root);
      const older = await asker.request();
      await asker.request();
      expect(await asker.install(root, [], older)).toMatchObject({
        kind: "failed",
        request: "install",
      });
      const lost = await asker.request();
      await rig.restart();
      expect(await asker.install(root, [], lost)).toMatchObject({
        kind: "failed",
        request: "install",
      });
    });

    test("trusts nobody whose digest is not that of its certificate", async () => {
      const [root, other] = [await asker.root(), await asker.root()];
      await asker.trust(root);
      const forged = { ...other, digest: root.digest };
      expect(await asker.trust(forged)).toMatchObject({ kind: "failed", request: "trust" });
      expect((await rig.restart()).roots).toEqual([rootOf(root)]);
    });
    rotation(() => ({ rig, asker }));
  });
}

function rotation(current: () => { rig: SignerRig; asker: Asker }): void {
  test("takes a certificate of a new root only when an old one vouches for it", async () => {
    const { rig, asker } = current();
    const [old, next] = [await asker.root(), await asker.root()];
    await asker.trust(old);
    const refused = await asker.install(next);
    expect(refused).toMatchObject({ kind: "failed", request: "install" });
    const taken = await asker.install(next, [await asker.vouching(old, next)]);
    expect(taken).toMatchObject({ kind: "installed" });
    const { roots } = await rig.restart();
    expect(roots.map(({ digest }) => digest).sort()).toEqual([old.digest, next.digest].sort());
  });

  test("follows a word from root to root, and none that an older one gives later", async () => {
    const { asker } = current();
    const [first, second, third] = [await asker.root(), await asker.root(), await asker.root()];
    const words = [await asker.vouching(second, third), await asker.vouching(first, second)];
    await asker.trust(first);
    expect(await asker.install(third, words)).toMatchObject({ kind: "installed" });
    await asker.trust(third);
    const refused = { kind: "failed", request: "install" };
    expect(await asker.install(first)).toMatchObject(refused);
    const own = await asker.root();
    expect(await asker.install(own, [await asker.vouching(first, own)])).toMatchObject(refused);
  });
}
