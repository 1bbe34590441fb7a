import { expect, test } from "vitest";
import type { Platform } from "../../../core/model/node.ts";
import { meetsPlatforms } from "../../../core/model/platform.ts";

const platform = (os: string, architecture: string): Platform => ({ os, architecture });
const node = platform("linux", "x86_64");

test.each<[string, Platform[], boolean]>([
  ["no platform, which is any", [], true],
  ["its own", [platform("linux", "x86_64")], true],
  ["its own under another name", [platform("Linux", "amd64")], true],
  ["one of several", [platform("windows", "amd64"), platform("linux", "amd64")], true],
  ["another architecture", [platform("linux", "arm64")], false],
  ["another system", [platform("windows", "amd64")], false],
  ["a wildcard for the architecture", [platform("linux", "")], true],
  ["a wildcard for the system", [platform("", "amd64")], true],
  ["a wildcard for the system alone", [platform("", "aarch64")], false],
])("meetsPlatforms() of %s", (_what, platforms, met) => {
  expect(meetsPlatforms(node, platforms)).toBe(met);
});

test("meetsPlatforms() takes aarch64 for arm64", () => {
  expect(meetsPlatforms(platform("linux", "aarch64"), [platform("linux", "arm64")])).toBe(true);
});
