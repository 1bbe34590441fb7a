import { fileURLToPath } from "node:url";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import type { ScenarioPlan, Span } from "./scenario/dsl.ts";
import { at, eventually, heal, running, scale, service } from "./scenario/dsl.ts";
import { loadScenario } from "./scenario/load.ts";
import { simulate } from "./simulate.ts";

/**
 * Measures the simulator in this thread: `npm run bench`. The figures are of this machine and this
 * moment; compare ratios within one run.
 */
async function main(): Promise<void> {
  print("random chaos, 3 managers and 5 workers, all checkers on", await chaos());
  print("quiet cluster, 5 managers and 100 workers, 500 tasks", quiet());
  print("memory over a simulated day, a deployment every ten minutes", memory());
}

const chaosFile = fileURLToPath(new URL("../../scenarios/random-chaos.ts", import.meta.url));
const warmUpSeeds = 200;
const measuredSeeds = 1000;

/** Handled events a second, after the code is warm. */
async function chaos(): Promise<Figures> {
  const { scenario } = await loadScenario(chaosFile);
  const plan = scenario as ScenarioPlan;
  for (let seed = 1; seed <= warmUpSeeds; seed += 1) simulate(plan, `warm ${seed}`);
  let [events, simulated, wall] = [0, 0, 0];
  for (let seed = 1; seed <= measuredSeeds; seed += 1) {
    const result = simulate(plan, String(seed));
    events += result.events;
    simulated += result.simulatedSeconds;
    wall += result.wallSeconds;
  }
  return {
    "events a second": events / wall,
    "seeds a second": measuredSeeds / wall,
    "times real time": simulated / wall,
  };
}

/** Simulated seconds a wall second when nothing happens but heartbeats. */
function quiet(): Figures {
  const plan = steady("2h", 5, 100, 500, []);
  const result = simulate(plan, "1");
  return {
    "events a second": result.events / result.wallSeconds,
    "events a simulated second": result.events / result.simulatedSeconds,
    "times real time": result.simulatedSeconds / result.wallSeconds,
  };
}

/** The heap after a garbage collection, early and late in a day with steady change. */
function memory(): Figures {
  const collect = garbageCollector();
  const samples: number[] = [];
  const steps = Array.from({ length: 144 }, (_, deployment) =>
    at(`${(deployment + 1) * 10}m`, scale("web", 3 + (deployment % 2))),
  );
  const plan = steady("24h", 3, 5, 3, steps);
  const observer = {
    story: ({ kind, at: seconds }: { kind: string; at: number }) => {
      if (kind !== "service" || seconds < samples.length * 3600) return;
      collect();
      samples.push(process.memoryUsage().heapUsed / 1e6);
    },
  };
  const result = simulate(plan, "1", { observer });
  return {
    "MB after 2 hours": samples[2] ?? 0,
    "MB after 12 hours": samples[12] ?? 0,
    "MB at the end": samples.at(-1) ?? 0,
    "times real time": result.simulatedSeconds / result.wallSeconds,
  };
}

type Figures = Readonly<Record<string, number>>;

function steady(
  length: Span,
  managers: number,
  workers: number,
  replicas: number,
  steps: NonNullable<ScenarioPlan["steps"]>,
): ScenarioPlan {
  return {
    name: "steady",
    story: "Nothing goes wrong.",
    topology: { managers, workers, raft: { snapshotInterval: 500 } },
    services: [service("web", { image: "web:1", replicas })],
    steps: [...steps, at(length, heal())],
    expect: steps.length > 0 ? [] : [eventually(running("web", replicas))],
  };
}

function garbageCollector(): () => void {
  setFlagsFromString("--expose-gc");
  return runInNewContext("gc") as () => void;
}

function print(title: string, figures: Figures): void {
  console.log(title);
  for (const [name, value] of Object.entries(figures)) {
    const rounded = value < 100 ? value.toFixed(1) : Math.round(value).toLocaleString("en");
    console.log(`  ${rounded.padStart(12)}  ${name}`);
  }
}

await main();
