import { chmodSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { registryAuthFor } from "../../../real/ctl/registry-auth.ts";

// Goal: `--with-registry-auth` finds what `docker login` has kept, as Docker's client would.
// Method: its configuration file in every form that clients write, and a helper as a small program.

const folder = mkdtempSync(join(tmpdir(), "registry-auth-"));
const env = { DOCKER_CONFIG: folder, PATH: `${folder}${delimiter}${process.env.PATH}` };
afterAll(() => rmSync(folder, { recursive: true }));

function kept(config: object | string): void {
  const text = typeof config === "string" ? config : JSON.stringify(config);
  writeFileSync(join(folder, "config.json"), text);
}

function found(image: string): unknown {
  const { header } = registryAuthFor(image, env);
  return header === null ? null : JSON.parse(Buffer.from(header, "base64url").toString());
}

const secret = { auth: Buffer.from("me:pass:word").toString("base64") };
const me = { username: "me", password: "pass:word" };

test("credentials are those of the image's registry", () => {
  kept({
    auths: {
      "https://index.docker.io/v1/": secret,
      "registry.example.com:5000": { identitytoken: "token" },
      "https://old.example.com/v1/": secret,
    },
  });
  const serveraddress = "https://index.docker.io/v1/";
  for (const image of ["nginx", "team/app:1", "docker.io/team/app"]) {
    expect(found(image)).toEqual({ ...me, serveraddress });
  }
  expect(found("registry.example.com:5000/app")).toEqual({
    ...{ identitytoken: "token", serveraddress: "registry.example.com:5000" },
  });
  expect(found("old.example.com/app")).toEqual({ ...me, serveraddress: "old.example.com" });
  expect(found("registry.example.com/app")).toBe(null);
});

test("a helper that keeps them is asked", () => {
  const helper = join(folder, "docker-credential-test");
  const answers = `case $(cat) in
    known.io) echo '{"Username":"me","Secret":"pass:word"}';;
    tokens.io) echo '{"Username":"<token>","Secret":"token"}';;
    locked.io) echo 'the keychain is locked'; exit 1;;
    *) echo 'credentials not found in native keychain'; exit 1;;
  esac`;
  writeFileSync(helper, `#!/bin/sh\n[ "$1" = get ] || exit 2\n${answers}\n`);
  chmodSync(helper, 0o755);
  kept({ credsStore: "test", credHelpers: { "missing.io": "nowhere" } });
  expect(found("known.io/app")).toEqual({ ...me, serveraddress: "known.io" });
  expect(found("tokens.io/app")).toEqual({ identitytoken: "token", serveraddress: "tokens.io" });
  expect(() => found("locked.io/app")).toThrow("docker-credential-test: the keychain is locked");
  expect(found("other.io/app")).toBe(null);
  expect(() => found("missing.io/app")).toThrow("can't run docker-credential-nowhere");
});

test("without a file there are none, and one that can't be read is named", () => {
  rmSync(join(folder, "config.json"));
  expect(found("nginx")).toBe(null);
  kept("{");
  expect(() => found("nginx")).toThrow(`${folder}/config.json is no configuration of Docker's`);
  kept({ auths: 3 });
  expect(() => found("nginx")).toThrow("'docker login' writes one");
});
