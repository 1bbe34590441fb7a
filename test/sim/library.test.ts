import { execFileSync, spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, afterEach, expect, test, vi } from "vitest";
import {
  type ExploreOptions,
  explore,
  SimulationFailed,
  scenario,
  simulate,
} from "../../sim/library.ts";
import { at, availability, crash, service, unreachable } from "../../sim/scenario/dsl.ts";

// Goal: a test of one line says all that is needed when it fails, and nothing when it does not.

const folder = mkdtempSync(join(tmpdir(), "simswarm-library-"));
const reports = join(folder, "reports");
const root = fileURLToPath(new URL("../../", import.meta.url));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
afterEach(() => vi.unstubAllEnvs());

const fine = scenario({
  name: "fine",
  story: "Nothing goes wrong.",
  topology: { managers: 1, workers: 2 },
  services: [service("web", { image: "web:1", replicas: 2 })],
  expect: [],
});
const bad = scenario({
  ...fine,
  name: "all are to run / always",
  steps: [at("30s", crash("w1")), at("31s", crash("w2"))],
  expect: [availability("web", { lowest: 2 })],
});

async function failureOf(run: Promise<unknown>): Promise<SimulationFailed> {
  const error = await run.catch((thrown: unknown) => thrown);
  if (error instanceof SimulationFailed) return error;
  throw new Error(`it did not fail as it should: ${String(error)}`);
}

test("simulate() resolves to the result of a run that passed", async () => {
  const result = await simulate(fine, { seed: 3 });
  expect(result).toMatchObject({ scenario: "fine", seed: "3", verdict: "pass" });
  expect((await simulate(fine, { until: "5s" })).simulatedSeconds).toBe(5);
});

test("simulate() rejects with what broke, the report, and how to see it again", async () => {
  const { message, report, result } = await failureOf(simulate(bad, { seed: 5, reports }));
  const [first, second, third, ...rest] = message.split("\n");
  expect(rest[0]).toBe("  what is known of it:");
  expect(rest).toEqual(["  what is known of it:", ...result.evidence]);
  expect(rest.some((line) => /by m\d, \w+: task web\.\d/.test(line))).toBe(true);
  expect(first).toMatch(
    /^all are to run \/ always, seed 5: availability broke at [\d.]+ s: web ran/,
  );
  expect(second).toBe(`  report   ${report}`);
  expect(readFileSync(report ?? "", "utf8")).toContain("<title>FAIL all are to run / always");
  const command = third?.replace(/^ {2}again {4}npx sim /, "") ?? "";
  const words = command.split(" ");
  const again = spawnSync(process.execPath, [join(root, "dist/bin/sim.js"), ...words, "--json"], {
    encoding: "utf8",
  });
  expect(again.status).toBe(1);
  expect(JSON.parse(again.stdout)).toMatchObject({ digest: result.digest, seed: "5" });
});

test("simulate() writes nothing where no report is wanted", async () => {
  const { message, report } = await failureOf(simulate(bad, { reports: null }));
  expect(report).toBeNull();
  expect(message).toContain('again    simulate(..., { seed: "1" })');
  expect(existsSync("sim-reports")).toBe(false);
});

// SIM_SEED makes it one seed.
test("explore() goes through the seeds until one fails", async () => {
  expect(await explore(fine, { seeds: 3 })).toMatchObject({ seeds: 3 });
  expect((await failureOf(explore(bad, { from: 8, seeds: 3, reports: null }))).result.seed).toBe(
    "8",
  );
  vi.stubEnv("SIM_SEED", "77");
  expect(await explore(fine)).toMatchObject({ seeds: 1 });
  expect((await failureOf(explore(bad, { reports: null }))).result.seed).toBe("77");
});

test("what makes no sense is refused in words, before anything runs", async () => {
  const wrong = scenario({ ...fine, steps: [at("10s", crash("w9"))] });
  await expect(simulate(wrong)).rejects.toThrow(/fine: 1 problem\n {2}steps\[0\].*w9/s);
  const mistaken = explore(fine, { seed: 3 } as ExploreOptions);
  await expect(mistaken).rejects.toThrow(/^fine: 1 problem\n {2}the option seed: is none\n.*seeds/);
});

test("of drawn faults that nobody keeps it does not say that the seed shows them", async () => {
  const drawn = scenario({
    ...fine,
    name: "drawn",
    expect: [unreachable("container-lost")],
  });
  const lost = await failureOf(explore(drawn, { seeds: 40, reports: null }));
  expect(lost.message).toContain("again    give `reports` a folder: its faults were drawn");
  const { seed } = lost.result;
  expect(await simulate(drawn, { seed, reports: null })).toMatchObject({ verdict: "pass" });
  const written = await failureOf(explore(bad, { seeds: 1, reports: null }));
  expect(written.message).toContain("again    SIM_SEED=1 npx vitest run");
});

const senseless: readonly ExploreOptions[] = [
  ...[{ seeds: 0 }, { seeds: -1 }, { seeds: Number.NaN }, { seeds: 1.5 }, { from: -3 }],
  ...[{ clients: 101 }, { clients: 0.5 }, { until: "0s" as const }, { until: "soon" as never }],
];
test.each(senseless)("an exploration with %o is refused: it could not fail", async (options) => {
  const [option] = Object.keys(options);
  await expect(explore(fine, options)).rejects.toThrow(
    new RegExp(`^fine: 1 problem\\n {2}the option ${option}: .* makes no sense`),
  );
  await expect(explore(null as never)).rejects.toThrow(/^simulate: 1 problem\n {2}scenario: /);
});

test("the package exports it under its name", () => {
  const program =
    'import { simulate, explore, scenario } from "simswarm/sim"; ' +
    "console.log(typeof simulate, typeof explore, typeof scenario)";
  const out = execFileSync(process.execPath, ["--input-type=module", "-e", program], { cwd: root });
  expect(String(out)).toBe("function function function\n");
});
