import { fileURLToPath } from "node:url";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import type { ScenarioPlan, Span } from "../scenario/dsl.ts";
import { at, eventually, heal, running, scale, service } from "../scenario/dsl.ts";
import { loadScenario } from "../scenario/load.ts";
import { simulate } from "../simulate.ts";

/**
 * Measures the simulator in this thread: `npm run bench`, and `npm run bench -- large` for the
 * large cluster too, or `npm run bench -- large 1000` for one of a thousand nodes. Seconds are of
 * the processor, for a machine has other things to do; a figure with a goal is also given as its
 * share of the goal (`docs/benchmarks-simulator.md`).
 */
async function main([what, nodes = "10000"]: readonly string[]): Promise<void> {
  if (what === "large" && /^[1-9]\d{0,5}$/.test(nodes)) {
    return print(`steady state of ${nodes} nodes`, large(Number(nodes)));
  }
  if (what !== undefined) {
    console.error("usage: npm run bench, or npm run bench -- large 1000, a number of nodes");
    process.exit(2);
  }
  print("random chaos, 3 managers and 5 workers, all checkers on", await chaos());
  print("quiet cluster, 5 managers and 100 workers, 500 tasks", quiet());
  print("memory over a simulated day, a deployment every ten minutes", memory());
}

/** What each figure is to be, at least; of those in seconds and gigabytes, at most. */
const atLeast: Readonly<Record<string, number>> = {
  "events a second, warm": 500_000,
  "chaos seeds of 60 simulated seconds a second": 50,
  "times real time, quiet": 10_000,
};
const atMost: Readonly<Record<string, number>> = { "seconds to a steady state": 60, gigabytes: 4 };

const chaosFile = fileURLToPath(new URL("../../../scenarios/random-chaos.ts", import.meta.url));
/** In these the engine still compiles what comes to be called often. */
const coldSeeds = 500;
const warmSeeds = 1000;

/** Handled events a second, while the engine compiles and after it. */
async function chaos(): Promise<Figures> {
  const scenario = await loadScenario(chaosFile);
  const plan = scenario as ScenarioPlan;
  const cold = seeds(plan, "cold ", coldSeeds);
  const { events, simulated, took } = seeds(plan, "", warmSeeds);
  return {
    [`events a second, the first ${coldSeeds} seeds`]: cold.events / cold.took,
    "events a second, warm": events / took,
    "seeds a second": warmSeeds / took,
    "chaos seeds of 60 simulated seconds a second": simulated / 60 / took,
    "times real time": simulated / took,
  };
}

/** What this many seeds came to, and the processor's seconds that they took. */
function seeds(plan: ScenarioPlan, name: string, count: number) {
  let [events, simulated] = [0, 0];
  const startedAt = processorSeconds();
  for (let seed = 1; seed <= count; seed += 1) {
    const result = simulate(plan, `${name}${seed}`);
    events += result.events;
    simulated += result.simulatedSeconds;
  }
  return { events, simulated, took: processorSeconds() - startedAt };
}

/** Ten tasks a node, a thousand a service, until all of them run. */
function large(nodes: number): Figures {
  const services = Math.max(1, Math.round(nodes / 100));
  const replicas = Math.round((10 * nodes) / services);
  const names = Array.from({ length: services }, (_, at) => `s${at}`);
  const plan: ScenarioPlan = {
    name: "large",
    story: "Nothing goes wrong.",
    topology: { managers: 3, workers: [{ count: nodes, cpus: 16, memory: "64GiB" }] },
    services: names.map((name) =>
      service(name, { image: "web:1", replicas, cpus: 0.1, memory: "64MiB" }),
    ),
    steps: [at("60s", heal())],
    expect: names.map((name) => eventually(running(name, replicas))),
  };
  const startedAt = processorSeconds();
  const result = simulate(plan, "1");
  return {
    "seconds to a steady state": processorSeconds() - startedAt,
    "simulated seconds": result.simulatedSeconds,
    events: result.events,
    gigabytes: process.resourceUsage().maxRSS / 1e6,
  };
}

function processorSeconds(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1e6;
}

/** Simulated seconds a wall second when nothing happens but heartbeats. */
function quiet(): Figures {
  const plan = steady("10h", 5, 100, 500, []);
  const startedAt = processorSeconds();
  const result = simulate(plan, "1");
  const took = processorSeconds() - startedAt;
  return {
    "events a second, quiet": result.events / took,
    "events a simulated second": result.events / result.simulatedSeconds,
    "times real time, quiet": result.simulatedSeconds / took,
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
    console.log(`  ${rounded.padStart(12)}  ${name}${share(name, value)}`);
  }
}

/** How much of its goal a figure reaches: 100% and more is reached. */
function share(name: string, value: number): string {
  const [least, most] = [atLeast[name], atMost[name]];
  const reached = least !== undefined ? value / least : most !== undefined ? most / value : null;
  return reached === null ? "" : `: ${Math.round(reached * 100)}% of the goal`;
}

await main(process.argv.slice(2));
