import { writeFileSync } from "node:fs";
import { parseArgs } from "node:util";
import { jepsenHistory } from "../../sim/users/jepsen.ts";
import { countOf } from "../support/count-option.ts";
import { type Fault, stops, troubles } from "./faults.ts";
import { ChaosRounds } from "./rounds.ts";

const usage = "usage: npm run chaos:real -- [--rounds 200] [--seed 1] [--faults kill|all|...,...]";
const kinds: readonly Fault[] = [...stops, ...troubles];

interface Options {
  readonly rounds: number;
  readonly seed: number;
  readonly faults: readonly Fault[];
}

function faultsOf(told: string): readonly Fault[] {
  if (told === "all") return kinds;
  return told.split(",").map((word) => {
    const kind = kinds.find((each) => each === word);
    if (kind !== undefined) return kind;
    throw new Error(`no fault is called '${word}': all, or of ${kinds.join(", ")}\n${usage}`);
  });
}

function optionsOf(args: readonly string[]): Options {
  const { values } = parseArgs({
    args: [...args],
    options: {
      rounds: { type: "string", default: "200" },
      seed: { type: "string", default: "1" },
      faults: { type: "string", default: "kill" },
    },
  });
  return {
    faults: faultsOf(values.faults),
    rounds: countOf({ name: "rounds", usage }, values.rounds),
    seed: countOf({ name: "seed", usage }, values.seed),
  };
}

/** Where the history and the nodes' folders are left when something is broken. */
function leave({ cluster, history }: ChaosRounds): string {
  const file = `${cluster.folder}/history.edn`;
  writeFileSync(file, jepsenHistory(history.events));
  return `the history is ${file}; the nodes' logs, and what they have kept, lie beside it`;
}

async function main(): Promise<void> {
  const { rounds, seed, faults } = optionsOf(process.argv.slice(2));
  const chaos = new ChaosRounds(seed, faults);
  const begun = Date.now();
  try {
    await chaos.start();
    for (let round = 1; round <= rounds; round += 1) {
      const at = Date.now();
      const told = await chaos.round();
      const took = ((Date.now() - at) / 1_000).toFixed(1);
      console.log(`round ${round} of ${rounds}: ${took} s, ${told}`);
    }
    await chaos.finish();
  } catch (error) {
    await chaos.stop({ keep: true });
    throw new Error(`${(error as Error).message}\n${leave(chaos)}`);
  }
  await chaos.stop({ keep: false });
  const { events } = chaos.history;
  const asked = events.filter(({ type }) => type === "invoke").length;
  const unknown = events.filter(({ type }) => type === "info").length;
  const minutes = ((Date.now() - begun) / 60_000).toFixed(1);
  console.log(
    `PASS  ${rounds} rounds, seed ${seed}: ${asked} requests, linearizable; ` +
      `of ${unknown} nobody knows what came of them; ${minutes} minutes`,
  );
}

await main().catch((error: Error) => {
  process.stderr.write(`FAIL  ${error.message}\n`);
  process.exitCode = 1;
});
