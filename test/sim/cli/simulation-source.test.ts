import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, expect, test } from "vitest";
import type {
  ClusterSource,
  CommandOutcome,
  SourceCommand,
  SourceMoment,
} from "../../../core/observe/source.ts";
import { simulationSource } from "../../../sim/cli/simulation-source.ts";
import { corpusFormat, corpusText, corpusVersion } from "../../../sim/explain/corpus.ts";
import type { Scenario } from "../../../sim/scenario/dsl.ts";
import { loadScenario } from "../../../sim/scenario/load.ts";
import { simulate } from "../../../sim/simulate.ts";

// Goal: a simulation plays by the clock of whoever watches, and what was done by hand is saved as a
// file from which the same run comes again. Method: the source as the terminal view has it.

const partition = fileURLToPath(new URL("../../../scenarios/partition.ts", import.meta.url));
const folder = mkdtempSync(join(tmpdir(), "simulation-source-"));

afterAll(() => rmSync(folder, { recursive: true }));

function send(source: ClusterSource, command: SourceCommand): Promise<CommandOutcome> {
  return new Promise((resolve) => source.send(command, resolve));
}

/** The first moment of which this holds. */
function heard(
  source: ClusterSource,
  holds: (moment: SourceMoment) => boolean,
): Promise<SourceMoment> {
  return new Promise((resolve) => {
    const stop = source.listen((moment) => {
      if (!holds(moment)) return;
      setImmediate(() => stop());
      resolve(moment);
    });
  });
}

test("played a hundred times as fast it goes on by itself until it is told to stop", async () => {
  const source = await simulationSource(partition, { seed: "3" });
  expect(source.title).toBe("partition, seed 3");
  await send(source, { kind: "speed", speed: 100 });
  await send(source, { kind: "play", direction: "forward" });
  const startedAt = performance.now();
  const { events } = await heard(source, ({ frame }) => frame.at > 20_000_000);
  expect(performance.now() - startedAt).toBeGreaterThan(190);
  expect(events.some(({ text }) => text.includes("leads term 1"))).toBe(true);
  await send(source, { kind: "pause" });
  const { frame } = await heard(source, () => true);
  await new Promise((resolve) => setTimeout(resolve, 100));
  expect((await heard(source, () => true)).frame.at).toBe(frame.at);
  source.close();
});

test("what was done by hand is saved as a scenario of the same run", async () => {
  const source = await simulationSource(partition, { seed: "3" }, folder);
  await send(source, { kind: "step", by: "second", count: 30 });
  expect(await send(source, { kind: "crash", node: "w5" })).toEqual({
    ok: true,
    text: "w5 crashes",
  });
  expect((await send(source, { kind: "crash", node: "w5" })).ok).toBe(false);
  await send(source, { kind: "speed", speed: null });
  await send(source, { kind: "play", direction: "forward" });
  const { events } = await heard(source, ({ playback }) => playback?.isOver === true);
  expect(events.at(-1)?.kind).toBe("verdict");
  const first = await send(source, { kind: "save" });
  const second = await send(source, { kind: "save" });
  source.close();
  const [file, other] = [join(folder, "partition-by-hand.ts"), "partition-by-hand-2.ts"];
  expect(first).toEqual({ ok: true, text: `saved as ${file}` });
  expect(second.text).toContain(other);
  const text = readFileSync(file, "utf8");
  expect(text).toContain(`npx sim run ${file} --seed 3`);
  expect(text).toContain('at("30.000001s", crash("w5"))');
  const scenario = await loadScenario<Scenario>(file);
  const again = await simulationSource(file, { seed: "3" });
  await send(again, { kind: "jump", to: "end", direction: "forward" });
  const { frame } = await heard(again, () => true);
  again.close();
  const result = simulate(scenario, "3");
  expect(frame.event).toBe(result.events);
  expect(events.map(({ text: told }) => told)).toContain("w5 crashes");
});

test("a kept failure is watched as it was kept", async () => {
  const plan = await loadScenario<Scenario>(partition);
  const { digest, violations } = simulate(plan, "1", { clients: 2, until: 60_000_000 });
  const violation = violations[0] ?? { invariant: "none", at: 0, node: null, detail: "" };
  const known = { format: corpusFormat, version: corpusVersion, scenario: "partition.ts" } as const;
  const kept = { ...known, seed: "1", violation, commit: "here", digest, plan };
  const file = join(folder, "kept.json");
  writeFileSync(file, corpusText({ ...kept, clients: 2, until: 60_000_000 }));
  const source = await simulationSource(file, {});
  await send(source, { kind: "jump", to: "end", direction: "forward" });
  const { frame, playback } = await heard(source, () => true);
  expect(frame.services.some(({ name }) => name.startsWith("register-"))).toBe(true);
  expect(frame.at).toBe(60_000_000);
  expect(playback?.isOver).toBe(true);
  expect((await send(source, { kind: "crash", node: "w1" })).text).toContain("60 s");
  source.close();
});
