import {
  chmodSync,
  mkdirSync,
  mkdtempSync,
  readlinkSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { DevFolder } from "../../../real/daemon/dev-folder.ts";
import { runFolder } from "../../support/run-folder.ts";

test("what a killed 'swarmd dev' has left is its user's own, whatever others put there", () => {
  const parent = mkdtempSync(join(runFolder(), "left-"));
  const before = process.env.TMPDIR;
  process.env.TMPDIR = parent;
  const own = join(parent, "swarmd-dev-a");
  mkdirSync(own, { mode: 0o700 });
  const ended = "1 1 no-boot-that-ever-was";
  writeFileSync(join(own, "processes"), `${readlinkSync("/proc/self/ns/pid")}\n${ended}\n`);
  symlinkSync(own, join(parent, "swarmd-dev-b"));
  const left = () => DevFolder.left().map(({ path }) => path);
  expect(left()).toEqual([own]);
  chmodSync(own, 0o777);
  expect(left()).toEqual([]);
  if (before === undefined) delete process.env.TMPDIR;
  else process.env.TMPDIR = before;
});
