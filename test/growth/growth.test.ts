import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { expect, test } from "vitest";

// Goal: what a run costs grows with the cluster, and not with its square. What is counted is how
// often code is executed, so the verdict is the same on any machine.

const program = fileURLToPath(new URL("count.js", import.meta.url));
const nodes = 40;
/** What looks at pairs is seen among fewer. */
const nodesForPairs = 20;

/** Twice the nodes may take so many times as many executions of one function. */
const ratioMost = 2.6;
/** Less than this share of all executions is no cost, however it grows. */
const shareLeast = 0.004;

type Counts = Readonly<Record<string, number>>;

async function counted(
  nodes: number,
  ...watched: string[]
): Promise<{ once: Counts; twice: Counts }> {
  const words = ["--no-opt", program, String(nodes), ...watched];
  const options = { maxBuffer: 64 * 1024 * 1024 };
  const { stdout } = await promisify(execFile)(process.execPath, words, options);
  return JSON.parse(stdout);
}

function sum(counts: Counts): number {
  return Object.values(counts).reduce((total, count) => total + count, 0);
}

function growing({ once, twice }: { once: Counts; twice: Counts }): string[] {
  const least = shareLeast * sum(twice);
  return Object.entries(twice)
    .filter(([name, count]) => count > least && count > ratioMost * (once[name] ?? 0))
    .map(([name, count]) => `${name}: ${once[name] ?? 0} times, then ${count}`);
}

test("nothing in core/ and sim/ takes four times as long for twice the cluster", async () => {
  const { once, twice } = await counted(nodes);
  expect(growing({ once, twice })).toEqual([]);
  expect(sum(twice) / sum(once)).toBeLessThan(2.2);
  expect(sum(twice)).toBeGreaterThan(10_000_000);
});

test("somebody who looks at every task at every change would be found out", async () => {
  const [found = "", ...others] = growing(await counted(nodesForPairs, "pairs"));
  expect(found).toMatch(/^growth\/count\.js committed at/);
  expect(others).toEqual([]);
});
