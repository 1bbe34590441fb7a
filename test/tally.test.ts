import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterEach, beforeEach, expect, test } from "vitest";

// Goal: the last line of .ci/run never says less than what went wrong.
// Method: folders of results as .ci/run leaves them, added up by .ci/tally.js.

const program = fileURLToPath(new URL("../.ci/tally.js", import.meta.url));
let folder = "";

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "tally-"));
});

afterEach(() => {
  rmSync(folder, { recursive: true });
});

function checks(results: Readonly<Record<string, "passed" | "failed">>): void {
  for (const [name, result] of Object.entries(results)) {
    writeFileSync(join(folder, `${name}.check`), `${result}\n`);
  }
}

/** What vitest reports of files, each with the status of its tests; `again`: passed at last. */
function tests(...files: readonly (readonly string[])[]): void {
  const testResults = files.map((statuses, at) => ({
    name: `file ${at}`,
    status: statuses.includes("failed") ? "failed" : "passed",
    assertionResults: statuses.map((status, index) => ({
      ...{ fullName: `test ${index}`, failureMessages: status === "again" ? ["late\nat 1"] : [] },
      status: status === "again" ? "passed" : status,
    })),
  }));
  writeFileSync(join(folder, "tests.json"), JSON.stringify({ testResults }));
}

function tally(): { lines: string[]; code: number | null } {
  const { stdout, status } = spawnSync(process.execPath, [program, folder], { encoding: "utf8" });
  return { lines: stdout.trim().split("\n"), code: status };
}

test("tally adds checks and tests", () => {
  checks({ install: "passed", lint: "passed", tests: "passed" });
  tests(["passed", "passed"], ["passed"]);
  expect(tally()).toEqual({ lines: ["5 passed, 0 failed"], code: 0 });
});

test("tally names the checks that failed", () => {
  checks({ install: "passed", lint: "failed", tests: "failed" });
  tests(["passed", "failed"]);
  expect(tally()).toEqual({ lines: ["failed: lint", "2 passed, 2 failed"], code: 1 });
});

test("tally counts a skipped test as failed and names it", () => {
  checks({ tests: "passed" });
  tests(["passed", "skipped"]);
  const lines = ["skipped, which counts as failed: test 1", "1 passed, 1 failed"];
  expect(tally()).toEqual({ lines, code: 1 });
});

test("tally names the tests that passed only when they were tried again", () => {
  checks({ tests: "passed" });
  tests(["passed", "again"]);
  const lines = ["passed when tried again: test 1: late", "2 passed, 0 failed"];
  expect(tally()).toEqual({ lines, code: 0 });
});

test("tally counts a test file that does not load", () => {
  checks({ tests: "failed" });
  writeFileSync(
    join(folder, "tests.json"),
    '{"testResults":[{"name":"a.test.ts","status":"failed","assertionResults":[]}]}',
  );
  expect(tally()).toEqual({ lines: ["0 passed, 1 failed"], code: 1 });
});

test("tally counts tests that left no result", () => {
  checks({ tests: "failed" });
  const lines = ["failed: tests, without a result", "0 passed, 1 failed"];
  expect(tally()).toEqual({ lines, code: 1 });
});

test("tally counts tests whose report breaks off", () => {
  checks({ tests: "failed" });
  writeFileSync(join(folder, "tests.json"), '{"testResults":[');
  const lines = ["failed: tests, without a result", "0 passed, 1 failed"];
  expect(tally()).toEqual({ lines, code: 1 });
});

test("tally counts a run that failed though its tests passed", () => {
  checks({ tests: "failed" });
  tests(["passed"]);
  const lines = ["failed: tests, without a result", "1 passed, 1 failed"];
  expect(tally()).toEqual({ lines, code: 1 });
});

test("tally fails when nothing was run", () => {
  const lines = ["failed: tests, without a result", "0 passed, 1 failed"];
  expect(tally()).toEqual({ lines, code: 1 });
});
