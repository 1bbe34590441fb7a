import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { explore, type SimulationFailed } from "simswarm/sim";
import { afterAll, expect, test } from "vitest";
import { leaseService } from "./lease-service.ts";

const reports = mkdtempSync(join(tmpdir(), "lease-service-"));
afterAll(() => rmSync(reports, { recursive: true, force: true }));

// This is all that a test needs.
test(
  "one client at a time holds the lease",
  () => explore(leaseService("question"), { seeds: 150 }),
  60_000,
);

test("counting from the answer is found, and shown", async () => {
  const buggy = leaseService("answer");
  const failed = await explore(buggy, { seeds: 150, reports }).catch((error) => error);
  const { message, report, result } = failed as SimulationFailed;
  expect(result.violations[0]?.invariant).toBe("one-holder");
  expect(message).toMatch(/one-holder broke at [\d.]+ s: alice and bob both hold the lease/);
  expect(message).toContain(`report   ${report}`);
  expect(message).toContain(`again    SIM_SEED=${result.seed} npx vitest run`);
  expect(existsSync(report ?? "")).toBe(true);
}, 60_000);
