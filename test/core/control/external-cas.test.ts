import { expect, test } from "vitest";
import { hours, type Timestamp } from "../../../core/base/time.ts";
import { rotateRoot } from "../../../core/control/ca.ts";
import { updateCluster } from "../../../core/control/cluster.ts";
import type { ClusterCa, SigningRoot } from "../../../core/model/certificate.ts";
import type { Cluster } from "../../../core/model/cluster.ts";
import type { ExternalCa } from "../../../core/model/external-ca.ts";
import { ca, cluster, root } from "../../support/certificates.ts";
import { moment } from "../../support/model.ts";
import { secrets, storeOf } from "../../support/store.ts";

// Goal: the cluster never has a root for which nobody can sign, and says what is wrong.

const url = "https://ca.example.com:8888/api/v1/cfssl/sign";

function authority(signsFor: SigningRoot | null, at = url): ExternalCa {
  const held = signsFor === null ? null : without(signsFor);
  return { protocol: "cfssl", url: at, options: new Map(), root: held };
}

function without({ certificate, digest }: SigningRoot) {
  return { certificate, digest };
}

function keyless(name: string): SigningRoot {
  return { ...root(name), key: "" };
}

function storeWith(traits: Partial<ClusterCa>, externalCas: readonly ExternalCa[]) {
  const plain = cluster(ca(traits));
  return storeOf({ ...plain, spec: { ...plain.spec, externalCas } });
}

function update(store: ReturnType<typeof storeOf>, externalCas: readonly ExternalCa[]) {
  const { meta, spec } = store.cluster as Cluster;
  const command = {
    kind: "update-cluster",
    version: meta.version,
    spec: { ...spec, externalCas },
  } as const;
  return updateCluster(store, command, { secrets: secrets(), now: moment(1) });
}

function own(signs: SigningRoot) {
  return {
    ...signs,
    notAfter: (storeOf().time + 2 * hours(365 * 24)) as Timestamp,
    certificates: 1,
  };
}

function changed(decided: object): Cluster {
  const { changes } = decided as { changes: { object: Cluster }[] };
  return changes[0]?.object as Cluster;
}

test.each([
  ["http://ca/sign", "invalid external CA URL"],
  ["ca:8888", "invalid external CA URL"],
  ["https://", "invalid external CA URL"],
  ["https://ca /", "invalid external CA URL"],
])("an authority at %s is refused", (at, words) => {
  const answer = update(storeWith({}, []), [authority(null, at)]);
  expect(answer).toMatchObject({ code: "InvalidArgument" });
  expect(answer).toMatchObject({ message: expect.stringContaining(words) });
});

test("the same authority twice for one root is refused, for two roots it is not", () => {
  const store = storeWith({}, []);
  const twice = update(store, [authority(null), authority(null)]);
  expect(twice).toMatchObject({ message: `external CA ${url} is named twice` });
  const both = [authority(null), authority(root("r2"))];
  expect(changed(update(store, both)).spec.externalCas).toEqual(both);
});

const current = "there must be at least one valid, reachable external CA corresponding to the";

test("the last authority of a root without a key stays", () => {
  const store = storeWith({ root: keyless("r1") }, [authority(null)]);
  expect(update(store, [])).toMatchObject({ message: `${current} current CA certificate` });
  const rotation = { root: keyless("r2"), crossSigned: "yes", markedAt: null };
  const moving = storeWith({ rotation }, [authority(root("r2"))]);
  expect(update(moving, [])).toMatchObject({ message: `${current} next CA certificate` });
});

test("a root without a key needs an authority that signs for it", () => {
  const store = storeWith({}, [authority(null)]);
  const refused = rotateRoot(store, own(keyless("r2")));
  expect(refused).toMatchObject({ message: `${current} desired CA certificate` });
  const ready = storeWith({}, [authority(root("r2"))]);
  expect(changed(rotateRoot(ready, own(keyless("r2")))).ca?.rotation?.root).toEqual(keyless("r2"));
});

test("a root without a key can vouch for no other: its key is to be brought first", () => {
  const store = storeWith({ root: keyless("r1") }, [authority(null), authority(root("r2"))]);
  expect(rotateRoot(store, null)).toMatchObject({ message: expect.stringContaining("bring it") });
  const other = rotateRoot(store, own(keyless("r2")));
  const words = "rotating from one external CA to a different external CA is not supported";
  expect(other).toMatchObject({ message: words });
  const brought = changed(rotateRoot(store, own(root("r1")))).ca;
  expect(brought).toMatchObject({ root: root("r1"), rotation: null });
});

test("the managers forget the key of their root, where an authority signs for it", () => {
  const store = storeWith({}, [authority(null)]);
  expect(changed(rotateRoot(store, own(keyless("r1")))).ca?.root).toEqual(keyless("r1"));
  expect(rotateRoot(storeWith({}, []), own(keyless("r1")))).toMatchObject({
    message: `${current} desired CA certificate`,
  });
});
