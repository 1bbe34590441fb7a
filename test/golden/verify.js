// Runs what golden/digests.txt lists, with the built simulator, and compares. A plain program, so
// that any Node can run it: `node test/golden/verify.js [--update | SCENARIO...]`. Exit 1 when a
// digest differs.
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { loadScenario } from "../../dist/sim/scenario/load.js";
import { simulate } from "../../dist/sim/simulate.js";

const golden = new URL("digests.txt", import.meta.url);
const scenarios = new URL("../../scenarios/", import.meta.url);
const rowsLeast = 50;

const isUpdate = process.argv.includes("--update");
const only = process.argv.slice(2);
const rows = isUpdate ? freshRows() : readRows();
const differing = [];
for (const row of rows) {
  const digest = await digestOf(row);
  if (digest !== row.digest) differing.push({ ...row, found: digest });
}

if (isUpdate) {
  const lines = differing.map(({ scenario, seed, found }) => `${scenario} ${seed} ${found}`);
  writeFileSync(golden, `${lines.join("\n")}\n`);
  console.log(`${lines.length} digests written`);
} else {
  for (const { scenario, seed, digest, found } of differing) {
    console.error(`${scenario}, seed ${seed}: the digest is ${found}, not ${digest}`);
  }
  console.log(`${rows.length} runs, ${differing.length} differ, Node ${process.version}`);
  process.exitCode = differing.length === 0 ? 0 : 1;
}

async function digestOf({ scenario, seed }) {
  const loaded = await loadScenario(fileURLToPath(new URL(`${scenario}.ts`, scenarios)));
  return simulate(loaded, seed).digest;
}

function readRows() {
  const lines = readFileSync(golden, "utf8").trim().split("\n");
  const rows = lines.map((line) => {
    const [scenario, seed, digest] = line.split(" ");
    return { scenario, seed, digest };
  });
  const unknown = only.filter((name) => !rows.some(({ scenario }) => scenario === name));
  if (unknown.length > 0) throw new Error(`no digest is recorded of ${unknown.join(", ")}`);
  return only.length === 0 ? rows : rows.filter(({ scenario }) => only.includes(scenario));
}

/** Every scenario, and seeds in turn over all of them until there are enough rows. */
function freshRows() {
  const names = readdirSync(scenarios).sort();
  return Array.from({ length: Math.max(rowsLeast, names.length) }, (_, at) => ({
    scenario: names[at % names.length].replace(".ts", ""),
    seed: String(1 + Math.floor(at / names.length)),
    digest: "",
  }));
}
