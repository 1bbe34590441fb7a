import { execFileSync, spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { type AddressInfo, createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { ms, seconds, type Timestamp } from "../../../core/base/time.ts";
import type { ExternalAnswer, ExternalRequest } from "../../../core/ca/external-request.ts";
import type { Claims, SigningRoot } from "../../../core/model/certificate.ts";
import { freePort } from "../../../real/daemon/dev.ts";
import { CfsslClient } from "../../../real/signer/cfssl.ts";
import { makeRequest } from "../../../real/signer/x509.ts";
import { SigningServer } from "../../support/signing-server.ts";
import { eventually, newCredentials, newRoot } from "../../support/tls-nodes.ts";

// Goal: what an authority outside says comes back as it is, and whatever else it does is a failure
// with a reason, in time. Method: real HTTPS with certificates of both sides; at the end CFSSL.

let root: SigningRoot;
let client: CfsslClient;
let server: SigningServer;
const answers: ExternalAnswer[] = [];

beforeAll(async () => {
  root = await newRoot();
  client = new CfsslClient(await newCredentials(root, "m1"), (answer) => answers.push(answer));
  server = await SigningServer.start(root);
});
afterAll(() => server.stop());
beforeEach(() => {
  answers.length = 0;
  server.behaviour = {};
});

async function asked(traits: Partial<ExternalRequest> = {}): Promise<ExternalAnswer> {
  const { request } = await makeRequest();
  const common = { id: 7, url: server.url, request, claims: claims(), crossSigned: [] };
  client.ask({ ...common, root, timeout: seconds(5), ...traits });
  await eventually(() => answers.length > 0, "the answer");
  return answers[0] as ExternalAnswer;
}

function claims(): Claims {
  const times = { notBefore: 0 as Timestamp, notAfter: 0 as Timestamp };
  const whose = { nodeId: "w1", role: "worker", organization: "cluster" } as const;
  return { serial: 12, ...whose, issuer: root.digest, vouchers: [], ...times };
}

test("an authority signs what it is asked, for a manager that shows its certificate", async () => {
  const { nodeId, role, organization, serial, issuer } = claims();
  const certificate = { nodeId, role, organization, serial, issuer, vouchers: [] };
  expect(await asked()).toMatchObject({ kind: "signed", id: 7, isForRequest: true, certificate });
  expect(server.clients).toContain("m1");
});

test("core is told what a certificate says that nobody has asked for", async () => {
  const { request } = await makeRequest();
  const names = [{ OU: "swarm-manager", O: "another" }];
  const subject = { CN: "w9", names };
  server.behaviour = { instead: () => ({ certificate_request: request, subject }) };
  const certificate = { nodeId: "w9", role: "manager", organization: "another" };
  expect(await asked()).toMatchObject({ kind: "signed", isForRequest: false, certificate });
});

const bad: [string, SigningServer["behaviour"], string][] = [
  ["hangs", { body: null }, "no answer in time"],
  ["answers with a page", { body: "<html>502</html>" }, "no answer of CFSSL's API"],
  ["answers with another JSON", { body: '{"ok":1}' }, "no answer of CFSSL's API"],
  ["answers without end", { body: "x".repeat(10_000_000) }, "more than 65536 bytes came back"],
  [
    "refuses",
    { body: '{"success":false,"result":null,"errors":[{"code":5200,"message":"policy"}]}' },
    "it refuses: policy (5200)",
  ],
  [
    "gives no certificate",
    { body: '{"success":true,"result":{"certificate":"no"},"errors":[]}' },
    "no certificate in PEM",
  ],
  ["is for clients only", { usages: ["1.3.6.1.5.5.7.3.2"] }, "servers and clients of TLS both"],
  [
    "names no serial",
    { instead: ({ hosts }) => ({ hosts: hosts.slice(0, 2) }) },
    "it is not the certificate of a node",
  ],
];

test.each(bad)("an authority that %s has failed", async (_, behaviour, reason) => {
  server.behaviour = behaviour;
  const answer = await asked({ timeout: behaviour.body === null ? ms(300) : seconds(5) });
  expect(answer).toMatchObject({ kind: "failed", id: 7, reason: expect.stringContaining(reason) });
});

test("an authority that answers with any bytes has failed", async () => {
  const certificate = fc.string({ unit: "binary", maxLength: 200 }).map((inside) => {
    const pem = `-----BEGIN CERTIFICATE-----\n${inside}\n-----END CERTIFICATE-----`;
    return JSON.stringify({ success: true, result: { certificate: pem }, errors: [] });
  });
  const body = fc.oneof(fc.string({ unit: "binary" }), fc.json(), certificate);
  await fc.assert(
    fc.asyncProperty(body, async (each) => {
      answers.length = 0;
      server.behaviour = { body: each };
      expect(await asked()).toMatchObject({ kind: "failed", id: 7 });
    }),
    { numRuns: 40 },
  );
});

test("a port that speaks no TLS, or breaks off in the middle of it, has failed", async () => {
  const noise = createServer((socket) => socket.on("error", () => undefined).end(randomBytes(999)));
  noise.listen(0, "127.0.0.1");
  await once(noise, "listening");
  const { port } = noise.address() as AddressInfo;
  const answer = await asked({ url: `https://localhost:${port}/` });
  noise.close();
  expect(answer).toMatchObject({ kind: "failed", id: 7 });
});

test("a certificate of another root is none", async () => {
  server.behaviour = { signs: await newRoot() };
  expect(await asked()).toMatchObject({ reason: expect.stringContaining("has signed it") });
});

describe("no word is said to", () => {
  test("a server that the root has not certified", async () => {
    const stranger = await SigningServer.start(root, { shows: await newRoot() });
    const answer = await asked({ url: stranger.url });
    stranger.stop();
    expect(answer).toMatchObject({ kind: "failed" });
    expect(stranger.clients).toEqual([]);
  });

  test("a server of another name", async () => {
    const answer = await asked({ url: server.url.replace("localhost", "127.0.0.1") });
    expect(answer).toMatchObject({ reason: expect.stringContaining("altnames") });
  });

  test("a port where nobody is, or says anything", async () => {
    const mute = createServer(() => undefined).listen(0, "127.0.0.1");
    await once(mute, "listening");
    const { port } = mute.address() as AddressInfo;
    const silent = await asked({ url: `https://localhost:${port}/`, timeout: ms(300) });
    expect(silent).toMatchObject({ reason: "no answer in time" });
    mute.close();
    answers.length = 0;
    const nobody = await asked({ url: "https://localhost:1/" });
    expect(nobody).toMatchObject({ reason: expect.stringContaining("ECONNREFUSED") });
  });
});

test("an authority turns away who shows no certificate of its root, or none at all", async () => {
  const told = (answer: ExternalAnswer) => answers.push(answer);
  client = new CfsslClient(null, told);
  expect(await asked()).toMatchObject({ reason: "this manager has no certificate to show" });
  answers.length = 0;
  const before = server.clients.length;
  client.show(await newCredentials(await newRoot(), "m1"));
  expect(await asked()).toMatchObject({ kind: "failed" });
  expect(server.clients.length).toBe(before);
  client.show(await newCredentials(root, "m1"));
});

describe("CFSSL itself (.ci/tools brings it)", () => {
  const folder = mkdtempSync(join(tmpdir(), "simswarm-cfssl-"));
  let url: string;
  let stop = () => undefined as unknown;

  beforeAll(async () => {
    execFileSync("cfssl", ["version"]);
    const shown = await newCredentials(root, "localhost");
    const file = (name: string, text: string) => {
      writeFileSync(join(folder, name), text);
      return join(folder, name);
    };
    const ca = file("ca.pem", root.certificate);
    const own = ["-ca", ca, "-ca-key", file("ca.key", root.key), "-mutual-tls-ca", ca];
    const tls = ["-tls-cert", file("tls.pem", shown.chain), "-tls-key", file("tls.key", shown.key)];
    const port = await freePort();
    const words = ["serve", "-address", "127.0.0.1", "-port", `${port}`, ...own, ...tls];
    const child = spawn("cfssl", words, { stdio: "ignore" });
    stop = () => child.kill("SIGKILL");
    url = `https://localhost:${port}/api/v1/cfssl/sign`;
  });
  afterAll(() => {
    stop();
    rmSync(folder, { recursive: true });
  });

  test("signs what it is asked", async () => {
    for (let tries = 0; tries < 50; tries += 1) {
      answers.length = 0;
      if ((await asked({ url })).kind === "signed") break;
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
    const { nodeId, role, organization, serial } = claims();
    const certificate = { nodeId, role, organization, serial };
    expect(answers).toMatchObject([{ kind: "signed", isForRequest: true, certificate }]);
  });

  test("says what it does not like", async () => {
    const answer = await asked({ url, request: "no request" });
    expect(answer).toMatchObject({ reason: expect.stringContaining("it refuses: ") });
  });
});
