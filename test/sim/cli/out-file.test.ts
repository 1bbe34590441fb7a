import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { writeOut } from "../../../sim/cli/out-file.ts";
import { SmallDisk } from "../../support/disks.ts";

// Goal: what is written at the end of much work is whole, or what was there before. Needs root.

test("a disk that is full costs neither what was in the file nor more of the disk", () => {
  const folder = mkdtempSync(join(tmpdir(), "out-file-"));
  const disk = new SmallDisk(join(folder, "disk"), 1);
  const path = join(folder, "disk", "kept.json");
  try {
    expect(writeOut("--keep", path, "first")).toBe(null);
    disk.fill();
    expect(writeOut("--keep", path, "x".repeat(100_000))).toBe(`--keep ${path}: the disk is full`);
    expect(readFileSync(path, "utf8")).toBe("first");
    expect(readdirSync(join(folder, "disk")).filter((name) => /kept/.test(name))).toEqual([
      "kept.json",
    ]);
    disk.empty();
    mkdirSync(`${path}.part`);
    writeFileSync(join(`${path}.part`, "in the way"), "");
    expect(writeOut("--keep", path, "second")).toBe(null);
    expect(readFileSync(path, "utf8")).toBe("second");
  } finally {
    disk.remove();
    rmSync(folder, { recursive: true });
  }
});
