// Adds up a folder of results: `NAME.check` holds `passed` or `failed`, `tests.json` is what vitest
// reports. Prints `N passed, N failed` on the last line; ends with 1 unless all passed. Says which tests
// passed only when they were tried again, and why they had failed.
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

const folder = process.argv[2];
const checks = readdirSync(folder)
  .filter((file) => file.endsWith(".check"))
  .map((file) => ({
    name: file.slice(0, -".check".length),
    passed: readFileSync(join(folder, file), "utf8").trim() === "passed",
  }));
const tests = reported().flatMap(testsOf);

/** Nothing where vitest was stopped before it had written its report to the end. */
function reported() {
  try {
    return JSON.parse(readFileSync(join(folder, "tests.json"), "utf8")).testResults;
  } catch {
    return [];
  }
}

/** A file that fails without a failed test of its own, on loading for one, counts as one test. */
function testsOf({ name, status, assertionResults }) {
  const results = assertionResults.map(({ fullName, status, failureMessages }) => {
    return { name: fullName, status, reason: failureMessages?.[0]?.split("\n")[0] };
  });
  const silent = status === "failed" && !results.some((test) => test.status === "failed");
  return silent ? [...results, { name, status }] : results;
}

const skipped = tests.filter(({ status }) => status !== "passed" && status !== "failed");
const triedAgain = tests.filter(
  ({ status, reason }) => status === "passed" && reason !== undefined,
);
const passedTests = tests.filter(({ status }) => status === "passed").length;
const failedTests = tests.length - passedTests;

// The run of all tests is counted by its tests, unless it failed and none of them says why.
const suite = checks.find(({ name }) => name === "tests");
const suiteFailed = (suite === undefined || !suite.passed) && failedTests === 0;
const others = checks.filter((check) => check !== suite);
const passedChecks = others.filter(({ passed }) => passed).length;

const passed = passedTests + passedChecks;
const failed = failedTests + others.length - passedChecks + (suiteFailed ? 1 : 0);

console.log("");
for (const check of others) if (!check.passed) console.log(`failed: ${check.name}`);
if (suiteFailed) console.log("failed: tests, without a result");
for (const { name } of skipped) console.log(`skipped, which counts as failed: ${name}`);
for (const { name, reason } of triedAgain)
  console.log(`passed when tried again: ${name}: ${reason}`);
console.log(`${passed} passed, ${failed} failed`);
if (failed > 0) process.exitCode = 1;
