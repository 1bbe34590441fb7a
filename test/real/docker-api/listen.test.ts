import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { contentOf } from "../../../real/docker-api/listen.ts";
import { newRoot } from "../../support/tls-nodes.ts";

// Goal: of the files for TLS the one that is wrong is named, and why. Method: real keys.

const folder = mkdtempSync(join(tmpdir(), "listen-"));
afterAll(() => rmSync(folder, { recursive: true }));

function file(name: string, content: string): string {
  const path = join(folder, name);
  writeFileSync(path, content);
  return path;
}

test("contentOf() names the file that is wrong", async () => {
  const [own, other] = [await newRoot(), await newRoot()];
  const [ca, key] = [file("ca.pem", own.certificate), file("key.pem", own.key)];
  const cert = file("cert.pem", `${own.certificate}\n${other.certificate}`);
  const both = file("both.pem", `${own.key}\n${own.certificate}`);
  expect(contentOf({ ca, cert, key }).key.toString()).toBe(own.key);
  expect(contentOf({ ca, cert: both, key: both }).cert.toString()).toContain(own.certificate);
  const none = file("none.pem", "");
  const [noCertificate, noKey] = [
    "does not hold a certificate in PEM",
    "does not hold a key in PEM",
  ];
  expect(() => contentOf({ ca: none, cert, key })).toThrow(`${none} ${noCertificate}`);
  expect(() => contentOf({ ca, cert: key, key })).toThrow(`${key} ${noCertificate}`);
  expect(() => contentOf({ ca, cert, key: ca })).toThrow(`${ca} ${noKey}`);
  const theirs = file("their.pem", other.key);
  const mismatch = `the key in ${theirs} is not that of the certificate in ${cert}`;
  expect(() => contentOf({ ca, cert, key: theirs })).toThrow(mismatch);
  expect(() => contentOf({ ca, cert, key: join(folder, "gone") })).toThrow("can't read");
});
