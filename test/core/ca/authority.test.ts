import { describe, expect, test } from "vitest";
import { noBug } from "../../../core/base/planted.ts";
import type { Instant, Timestamp } from "../../../core/base/time.ts";
import { Authority } from "../../../core/ca/authority.ts";
import type { ExternalRequest } from "../../../core/ca/external-request.ts";
import type { Admit } from "../../../core/ca/issue.ts";
import { admit } from "../../../core/membership/admit.ts";
import type { ClusterCa } from "../../../core/model/certificate.ts";
import type { StoreObject } from "../../../core/model/change.ts";
import type { Cluster } from "../../../core/model/cluster.ts";
import { noCertificate } from "../../../core/model/node.ts";
import { transaction } from "../../../core/plan/plan.ts";
import type { Store } from "../../../core/store/store.ts";
import {
  ca,
  certificate,
  cluster,
  day,
  member,
  root,
  rotation,
  today,
} from "../../support/certificates.ts";
import { description } from "../../support/model.ts";
import { raftView } from "../../support/raft.ts";
import { chance, commit, context, remove, storeOf } from "../../support/store.ts";

/** A leader's authority and its store; the test is the signer and the nodes. */
class Bureau {
  readonly store: Store;
  readonly authority: Authority;
  now = 0 as Instant;

  constructor(...objects: StoreObject[]) {
    this.store = storeOf(...objects);
    const admitted: Admit = (plan, newcomer) => admit(plan, raftView().membership, newcomer);
    const config = { founders: ["m1", "m2"], ...chance(), admit: admitted, planted: noBug };
    this.authority = new Authority(this.store, config, today);
  }

  /** Commits whatever the authority wants, until it wants no more. */
  settle(): this {
    for (let round = 0; round < 20; round += 1) {
      if (!this.authority.hasWork(this.store.time)) return this;
      const wanted = this.authority.plan(context(this.store, this.store.time / 1e6));
      if (wanted.length > 0) this.authority.applied(commit(this.store, [...wanted]).events);
    }
    throw new Error("the authority never comes to rest");
  }

  asked() {
    return this.authority.takeRequests(this.now);
  }

  join(id: string, token: string, attempt = 1): this {
    const request = `request of ${id}`;
    const kind = "certificate-request";
    const message = {
      kind,
      attempt,
      request,
      token,
      description: description(id),
      availability: "active",
    } as const;
    this.authority.request(id, message, null);
    return this.settle();
  }
}

describe("the first leader", () => {
  test("has a root made, and keeps it with the tokens and the founders in the store", () => {
    const bureau = new Bureau(cluster(null)).settle();
    expect(bureau.asked()).toEqual([{ kind: "make-root" }]);
    expect(bureau.asked()).toEqual([]);
    bureau.authority.signed({ kind: "root-made", root: root("r9") }, bureau.now);
    bureau.settle();
    expect(bureau.store.cluster?.ca).toMatchObject({ root: root("r9"), founding: ["m1", "m2"] });
  });

  test("asks again after a while when the signer has failed", () => {
    const bureau = new Bureau(cluster(null)).settle();
    bureau.asked();
    const failed = { kind: "failed", request: "make-root", message: "no entropy" } as const;
    bureau.authority.signed(failed, bureau.now);
    expect(bureau.asked()).toEqual([]);
    bureau.now = bureau.authority.deadline;
    expect(bureau.asked()).toEqual([{ kind: "make-root" }]);
  });

  test("strikes a founder off the list once it has shown a certificate", () => {
    const bureau = new Bureau(cluster(ca({ founding: ["m1", "m2"] })), member("m2", "manager", 1));
    expect(bureau.settle().store.cluster?.ca?.founding).toEqual(["m1"]);
  });
});

describe("a leader that issues", () => {
  const authority = ca();

  test("signs only what is in the store", () => {
    const bureau = new Bureau(cluster(authority));
    const message = {
      kind: "certificate-request",
      attempt: 4,
      request: "csr",
      token: authority.joinTokens.worker,
      description: description("w1"),
      availability: "active",
    } as const;
    bureau.authority.request("w1", message, null);
    expect(bureau.asked()).toEqual([]);
    const [issue] = bureau.settle().asked();
    expect(issue).toMatchObject({
      kind: "issue",
      request: "csr",
      claims: { nodeId: "w1", serial: 1 },
    });
    expect(bureau.store.nodes.get("w1")?.certificate?.issued).toBe(1);
    const issued = certificate("w1");
    bureau.authority.signed({ kind: "issued", certificate: issued }, bureau.now);
    expect(bureau.authority.takeAnswers()).toEqual([
      { to: "w1", message: { kind: "certificate", attempt: 4, certificate: issued } },
    ]);
  });

  test("says why not, and stores nothing", () => {
    const bureau = new Bureau(cluster(authority)).join("w1", "SWMTKN-1-wrong");
    expect(bureau.store.nodes.size).toBe(0);
    const [answer] = bureau.authority.takeAnswers();
    expect(answer?.message).toMatchObject({
      reason: "A valid join token is necessary to join this cluster",
    });
  });

  test("turns down what nothing can be signed for, and nobody else with it", () => {
    const bureau = new Bureau(cluster(authority));
    const { worker } = authority.joinTokens;
    bureau.join("w1", worker).join("w2", worker).asked();
    const claims = { nodeId: "w1", serial: 1 };
    const [why, reason] = ["no key", expect.stringContaining("no key")];
    bureau.authority.signed({ kind: "not-issued", claims, message: why }, bureau.now);
    bureau.authority.signed({ kind: "issued", certificate: certificate("w2") }, bureau.now);
    expect(bureau.authority.takeAnswers()).toMatchObject([
      { to: "w1", message: { kind: "certificate-refused", attempt: 1, reason } },
      { to: "w2", message: { kind: "certificate" } },
    ]);
  });

  test("does not let a token push aside a member that has shown its certificate", () => {
    const bureau = new Bureau(cluster(authority), member("w1"));
    const common = {
      kind: "certificate-request",
      attempt: 1,
      description: description("w1"),
      availability: "active",
    } as const;
    const own = { ...common, request: "own", token: null };
    bureau.authority.request("w1", own, certificate("w1"));
    const { worker } = authority.joinTokens;
    bureau.authority.request("w1", { ...common, request: "forged", token: worker }, null);
    expect(bureau.settle().asked()).toMatchObject([{ request: "own" }]);
  });

  test("makes nothing of what somebody shows whom the cluster does not know", () => {
    const bureau = new Bureau(cluster(ca()));
    bureau.authority.seen(certificate("w9", { serial: 3 }));
    expect(bureau.settle().store.nodes.size).toBe(0);
  });

  test("does not come to wait for a node that goes before what it showed is written down", () => {
    const bureau = new Bureau(cluster(ca()), member("w1")).settle();
    bureau.authority.seen(certificate("w1", { serial: 3 }));
    const gone = remove(bureau.store.nodes.get("w1") as StoreObject);
    bureau.authority.applied(commit(bureau.store, [transaction("control", [gone])]).events);
    expect(bureau.settle().store.nodes.size).toBe(0);
  });

  test("knows who has come with an expired certificate until it shows another", () => {
    const bureau = new Bureau(cluster(authority), member("w1"));
    const said = { attempt: 1, request: "anew", token: null, description: description("w1") };
    const asked = { kind: "certificate-request", ...said, availability: "active" } as const;
    const over = certificate("w1", { notAfter: (today - day) as Timestamp });
    bureau.authority.request("w1", asked, over);
    expect([...bureau.settle().authority.expired]).toEqual(["w1"]);
    bureau.authority.seen(certificate("w1", { serial: 2 }));
    expect([...bureau.settle().authority.expired]).toEqual([]);
  });

  test("writes down what nodes have shown, and takes no older one back", () => {
    const bureau = new Bureau(cluster(authority), member("w1", "worker", 1));
    bureau.authority.seen(certificate("w1", { serial: 3 }));
    bureau.settle().authority.seen(certificate("w1", { serial: 2 }));
    expect(bureau.settle().store.nodes.get("w1")?.certificate?.proven?.serial).toBe(3);
  });
});

test("of which root a certificate is, that was in doubt, is known once it is shown again", () => {
  const proven = { serial: 3, issuer: "", notAfter: (today + day) as Timestamp };
  const doubted = { ...noCertificate, issued: 4, goodUntil: proven.notAfter, proven };
  const bureau = new Bureau(cluster(ca()), { ...member("w1"), certificate: doubted });
  bureau.authority.seen(certificate("w1", { serial: 3 }));
  const { store } = bureau.settle();
  expect(store.nodes.get("w1")?.certificate?.proven?.issuer).toBe(root("r1").digest);
  const { index } = store;
  bureau.authority.seen(certificate("w1", { serial: 3 }));
  expect(bureau.settle().store.index).toBe(index);
});

describe("a leader with authorities outside", () => {
  const url = "https://ca/sign";
  const authority = ca();
  const external = { protocol: "cfssl", url, options: new Map(), root: null } as const;

  /** `w1` asks, and what the authority is asked comes back. */
  function asked(store: Partial<ClusterCa> = {}, id = "w1") {
    const plain = cluster(ca({ ...authority, ...store }));
    const spec = { ...plain.spec, externalCas: [external] };
    const bureau = new Bureau({ ...plain, spec });
    const { worker, manager } = authority.joinTokens;
    bureau.join(id, id === "w1" ? worker : manager);
    const own = bureau.asked();
    const { requests } = bureau.authority.external.take(bureau.now, today);
    return { bureau, own, request: requests[0] as ExternalRequest };
  }

  test("asks them and not its signer, only for what is in the store", () => {
    const { own, request } = asked();
    expect(own).toEqual([]);
    const claims = { nodeId: "w1", role: "worker", serial: 1 };
    expect(request).toMatchObject({ url, request: "request of w1", claims });
    expect(JSON.stringify(request)).not.toContain(authority.root.key);
  });

  test("signs a founder's first certificate itself, unless it has no key", () => {
    expect(asked({ founding: ["m1"] }, "m1").own).toMatchObject([{ kind: "issue" }]);
    const keyless = { ...authority.root, key: "" };
    expect(asked({ founding: ["m1"], root: keyless }, "m1").request).toMatchObject({ url });
  });

  test("tells the node once the store knows how long it may be heard", () => {
    const { bureau, request } = asked();
    const notAfter = (today + 1_000 * day) as Timestamp;
    const made = certificate("w1", { notAfter });
    const answer = {
      kind: "signed",
      id: request.id,
      certificate: made,
      isForRequest: true,
    } as const;
    bureau.authority.external.answered(answer, today);
    expect(bureau.authority.takeAnswers()).toEqual([]);
    bureau.settle();
    expect(bureau.store.nodes.get("w1")?.certificate?.goodUntil).toBe(notAfter);
    expect(bureau.authority.takeAnswers()).toMatchObject([{ to: "w1" }]);
  });

  /** The authority that was asked has failed, and these are set in its place. */
  function setAfterFailure({ bureau, request }: ReturnType<typeof asked>, urls: string[]): Bureau {
    const { id } = request;
    bureau.authority.external.answered({ kind: "failed", id, reason: "down" }, today);
    expect(bureau.authority.external.take(bureau.now, today).requests).toEqual([]);
    const plain = bureau.store.cluster as Cluster;
    const externalCas = urls.map((each) => ({ ...external, url: each }));
    const object = { ...plain, spec: { ...plain.spec, externalCas } };
    const change = transaction("control", [{ kind: "update", object }]);
    bureau.authority.applied(commit(bureau.store, [change]).events);
    return bureau;
  }

  test("asks at once when others are set", () => {
    const bureau = setAfterFailure(asked(), ["https://other/sign"]);
    const { requests } = bureau.authority.external.take(bureau.now, today);
    expect(requests).toMatchObject([{ url: "https://other/sign" }]);
  });

  test("signs itself when they are taken away meanwhile", () => {
    const bureau = setAfterFailure(asked(), []);
    expect(bureau.authority.external.take(bureau.now, today).requests).toEqual([]);
    expect(bureau.asked()).toMatchObject([{ kind: "issue", claims: { nodeId: "w1" } }]);
  });
});

test("a new leader goes on with a rotation where it stands: root, cross-signature, nodes", () => {
  const begun = rotation({ root: null, crossSigned: null });
  const bureau = new Bureau(cluster(ca({ rotation: begun })), member("w1")).settle();
  expect(bureau.asked()).toEqual([{ kind: "make-root" }]);
  bureau.authority.signed({ kind: "root-made", root: root("r2") }, bureau.now);
  expect(bureau.settle().asked()).toMatchObject([{ kind: "cross-sign", by: root("r1") }]);
  const { digest } = root("r2");
  bureau.authority.signed({ kind: "cross-signed", digest, crossSigned: "yes" }, bureau.now);
  expect(bureau.settle().store.nodes.get("w1")?.certificate?.mustRenew).toBe(true);
  bureau.authority.seen(certificate("w1", { serial: 2, issuer: digest }));
  bureau.settle();
  expect(bureau.store.cluster?.ca).toMatchObject({ root: root("r2"), rotation: null });
  expect(bureau.store.nodes.get("w1")?.certificate?.mustRenew).toBe(false);
});
