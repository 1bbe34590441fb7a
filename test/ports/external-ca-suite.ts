import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { seconds, type Timestamp } from "../../core/base/time.ts";
import type { ExternalAnswer, ExternalRequest } from "../../core/ca/external-request.ts";
import type { Claims, Root } from "../../core/model/certificate.ts";

/** What an authority is like. */
export type Behaviour = "sound" | "hangs" | "refuses" | "other-key" | "other-role" | "other-root";

/** One manager's way to one authority. */
export interface ExternalCaRig {
  readonly answers: readonly ExternalAnswer[];
  readonly url: string;
  readonly root: Root;
  /** A node's request for a certificate. */
  request(): Promise<string>;
  ask(request: ExternalRequest): void;
  /** From now on the authority is like that. */
  behave(behaviour: Behaviour): void;
  /** Lets time pass until `isSo`; fails when it takes too long. */
  until(isSo: () => boolean): Promise<void>;
  close(): Promise<void>;
}

export interface ExternalCaHarness {
  readonly name: string;
  open(): Promise<ExternalCaRig>;
}

// Goal: an authority is what `core/ports/external-ca.ts` says, a simulated one and a real one.

/** The tests that every adapter passes. */
export function externalCaConformance(harness: ExternalCaHarness): void {
  describe(harness.name, () => {
    let rig: ExternalCaRig;
    beforeAll(async () => {
      rig = await harness.open();
    });
    afterAll(() => rig.close());
    beforeEach(() => rig.behave("sound"));

    const wanted = async (id: number, timeout = seconds(5)): Promise<ExternalRequest> => {
      const { certificate, digest } = rig.root;
      const common = { url: rig.url, root: { certificate, digest }, crossSigned: [], timeout };
      return { id, request: await rig.request(), claims: claimsOf(rig.root), ...common };
    };
    const answered = async (request: ExternalRequest) => {
      rig.ask(request);
      const own = () => rig.answers.find(({ id }) => id === request.id);
      await rig.until(() => own() !== undefined);
      return own() as ExternalAnswer;
    };

    test("each request is answered once, and not within the call", async () => {
      const requests = [await wanted(1), await wanted(2)];
      for (const request of requests) rig.ask(request);
      expect(rig.answers).toEqual([]);
      await rig.until(() => rig.answers.length === 2);
      expect(rig.answers.map(({ id }) => id).sort()).toEqual([1, 2]);
    });

    test("what is signed says what was asked for", async () => {
      const { nodeId, role, organization, serial, issuer } = claimsOf(rig.root);
      const certificate = { nodeId, role, organization, serial, issuer, vouchers: [] };
      const answer = await answered(await wanted(3));
      expect(answer).toMatchObject({ kind: "signed", isForRequest: true, certificate });
    });

    test("what was not asked for is told as it is", async () => {
      rig.behave("other-key");
      expect(await answered(await wanted(4))).toMatchObject({ isForRequest: false });
      rig.behave("other-role");
      const certificate = { nodeId: "w1", role: "manager" };
      expect(await answered(await wanted(5))).toMatchObject({ isForRequest: true, certificate });
    });

    test("what another root has signed is no certificate", async () => {
      rig.behave("other-root");
      expect(await answered(await wanted(6))).toMatchObject({ kind: "failed" });
    });

    test("a refusal has a reason, and silence ends with the timeout", async () => {
      rig.behave("refuses");
      const refused = await answered(await wanted(7));
      expect(refused).toMatchObject({ kind: "failed", reason: expect.stringContaining("refuses") });
      rig.behave("hangs");
      const silent = await answered(await wanted(8, seconds(1)));
      expect(silent).toMatchObject({ kind: "failed", reason: "no answer in time" });
    });
  });
}

function claimsOf({ digest }: Root): Claims {
  const now = Date.now() * 1_000;
  const times = { notBefore: now as Timestamp, notAfter: (now + 3_600_000_000) as Timestamp };
  const whose = { nodeId: "w1", role: "worker", organization: "org" } as const;
  return { serial: 3, ...whose, issuer: digest, vouchers: [], ...times };
}
