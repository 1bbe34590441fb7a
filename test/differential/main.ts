import { readFileSync } from "node:fs";
import { parseArgs } from "node:util";
import { countOf } from "../support/count-option.ts";
import { drawHistory } from "./draw.ts";
import { drawClusterHistory } from "./draw-cluster.ts";
import { type Finding, play } from "./play.ts";
import { Rivals } from "./rivals.ts";
import { shrunk } from "./shrink.ts";
import { historyIn, printStep } from "./step.ts";

const usage = `usage: npm run differential -- [--seed 1] [--rounds 10] [--steps 30] [--history FILE]
                               [--nodes 1|3] [--quick] [--verbose]`;

/** Of the places in which one step's outcomes differ. */
const shownMost = 12;

function optionsOf(args: readonly string[]) {
  const { values } = parseArgs({
    args: [...args],
    options: {
      seed: { type: "string", default: "1" },
      rounds: { type: "string", default: "10" },
      steps: { type: "string", default: "30" },
      history: { type: "string" },
      nodes: { type: "string", default: "1" },
      quick: { type: "boolean", default: false },
      verbose: { type: "boolean", default: false },
    },
  });
  const { seed, rounds, steps, history, nodes, quick, verbose } = values;
  const draw = nodes === "1" ? drawHistory : drawClusterHistory;
  const told = history === undefined ? null : historyIn(readFileSync(history, "utf8"));
  const length = countOf({ name: "steps", usage }, steps);
  return {
    seed: countOf({ name: "seed", usage }, seed),
    rounds: told === null ? countOf({ name: "rounds", usage }, rounds) : 1,
    steps: told === null ? length : told.length,
    historyOf: (of: number) => told ?? draw(of, length),
    nodes: countOf({ name: "nodes", usage }, nodes),
    isQuick: quick,
    verbose,
  };
}

function report(seed: number, { at, step, differences }: Finding): void {
  console.log(`seed ${seed}, step ${at + 1}: ${printStep(step)}`);
  for (const { path, swarm, ours } of differences.slice(0, shownMost)) {
    console.log(`  ${path}\n    Swarm: ${shown(swarm)}\n    ours:  ${shown(ours)}`);
  }
  if (differences.length > shownMost) console.log(`  ... ${differences.length} in all`);
}

function shown(value: unknown): string {
  return value === undefined ? "(nothing)" : JSON.stringify(value);
}

async function main(): Promise<number> {
  const { seed, rounds, steps, historyOf, nodes, isQuick, verbose } = optionsOf(
    process.argv.slice(2),
  );
  const rivals = new Rivals(nodes);
  const interrupted = () => void rivals.stop().finally(() => process.exit(130));
  for (const signal of ["SIGINT", "SIGTERM"] as const) process.once(signal, interrupted);
  let found = 0;
  try {
    await rivals.start();
    for (let round = 0; round < rounds; round += 1) {
      const history = historyOf(seed + round);
      const findings = await play(rivals, history, (step, status) => {
        if (verbose) console.log(`  ${status}  ${printStep(step)}`);
      });
      console.log(`seed ${seed + round}: ${findings.length} with a difference`);
      found += findings.length;
      for (const finding of findings) {
        report(seed + round, finding);
        if (isQuick) continue;
        const smallest = await shrunk(rivals, history.slice(0, finding.at + 1), finding);
        console.log(smallest.map((step) => `  > ${printStep(step)}`).join("\n"));
      }
    }
  } finally {
    await rivals.stop();
  }
  console.log(`${rounds} rounds of ${steps} steps: ${found} with a difference`);
  return found === 0 ? 0 : 1;
}

process.exitCode = await main().catch((error: Error) => {
  process.stderr.write(`FAIL  ${error.message}\n`);
  return 1;
});
