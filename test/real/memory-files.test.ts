import { readFileSync, rmSync, statSync } from "node:fs";
import { userInfo } from "node:os";
import { dirname } from "node:path";
import { afterAll, expect, test } from "vitest";
import type { ContainerFile } from "../../core/agent/executor-request.ts";
import { MemoryFiles, type PlacedFile } from "../../real/memory-files.ts";

// Goal: a file of a task can be read by whom it is for, or its task is refused with the way out.
// Method: real files, put there by root and by nobody.

const isRoot = userInfo().uid === 0;
const nobody = 65_534;
const made = new Set<string>();
const node = `memory-files-test-${process.pid}`;

function put(readers: "named" | "own", change: Partial<ContainerFile>): PlacedFile {
  const file = { target: "/run/secrets/key", uid: "1000", gid: "0", mode: 0o400, data: "aGk=" };
  const [placed] = new MemoryFiles(node, readers).put("task", [{ ...file, ...change }]);
  if (placed === undefined) throw new Error("nothing was put");
  made.add(dirname(dirname(placed.source)));
  return placed;
}

function asNobody<T>(act: () => T): T {
  process.seteuid?.(nobody);
  try {
    return act();
  } finally {
    process.seteuid?.(0);
  }
}

afterAll(() => {
  for (const folder of made) rmSync(folder, { recursive: true });
});

test.runIf(isRoot)("root gives it to its user", () => {
  const { source } = put("named", { gid: "7" });
  expect(statSync(source)).toMatchObject({ uid: 1000, gid: 7, mode: 0o100_400 });
  expect(readFileSync(source, "utf8")).toBe("hi");
});

test.runIf(isRoot)("who is not root refuses what its user could not read", () => {
  expect(() => asNobody(() => put("named", {}))).toThrow(
    "/run/secrets/key is for user 1000 alone, and swarmd, which is not root, can't give it to " +
      "another user: run it with CAP_CHOWN, or give the file mode 0444",
  );
});

test.runIf(isRoot).each<[string, "named" | "own", Partial<ContainerFile>]>([
  ["all may read", "named", { mode: 0o444 }],
  ["is for root", "named", { uid: "0" }],
  ["is for the daemon's own user", "named", { uid: String(nobody) }],
  ["is for a process of the daemon's own user", "own", {}],
])("who is not root puts what %s", (_what, readers, change) => {
  const { source } = asNobody(() => put(readers, change));
  expect(asNobody(() => put(readers, change)).source).toBe(source);
  expect(statSync(source).uid).toBe(nobody);
});
