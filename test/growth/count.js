// Counts how often the code of core/ and sim/ is executed in a run of so many nodes, and of twice
// as many; prints one JSON object. A plain program over dist/, for it runs without the optimizing
// compiler, whose code counts nothing: `node --no-opt test/growth/count.js NODES [pairs]`. With
// `pairs` someone watches who looks at every task at every change, to be found out.
import { Session } from "node:inspector";
import { at, crash, eventually, running, service, update } from "../../dist/sim/scenario/dsl.js";
import { simulate } from "../../dist/sim/simulate.js";

const [nodes, watched] = [Number(process.argv[2]), process.argv[3]];
const session = new Session();
session.connect();
post("Profiler.enable");
post("Profiler.startPreciseCoverage", { callCount: true, detailed: true });
console.log(JSON.stringify({ once: counts(nodes), twice: counts(2 * nodes) }));

/** How often the part of each function was executed that was executed most often. */
function counts(size) {
  post("Profiler.takePreciseCoverage");
  const observer = watched === "pairs" ? { watch: pairs } : {};
  const { violations } = simulate(planOf(size), "1", { observer });
  if (violations.length > 0) throw new Error(violations[0].detail);
  const { result } = post("Profiler.takePreciseCoverage");
  const ours = result.filter(({ url }) => /\/(?:dist\/(?:core|sim)|test\/growth)\//.test(url));
  return Object.fromEntries(
    ours.flatMap(({ url, functions }) =>
      functions.map(({ functionName, ranges }) => [
        `${url.replace(/.*\/(?:dist|test)\//, "")} ${functionName} at ${ranges[0].startOffset}`,
        Math.max(...ranges.map(({ count }) => count)),
      ]),
    ),
  );
}

/**
 * Ten tasks a node, the loss of a machine, and a rolling update of a service that is as small
 * however many nodes there are: whoever updates a service looks at all of it again and again.
 */
function planOf(size) {
  const big = ["s1", "s2", "s3", "s4"];
  const each = { image: "web:1", cpus: 0.1, memory: "64MiB" };
  const replicas = (10 * size) / big.length;
  return {
    name: "grown",
    story: "As many tasks a node, however many nodes.",
    topology: { managers: 3, workers: [{ count: size, cpus: 16, memory: "64GiB" }] },
    services: [
      ...big.map((name) => service(name, { ...each, replicas })),
      service("small", { ...each, replicas: 10 }),
    ],
    steps: [at("40s", update("small", { image: "web:2" })), at("50s", crash("w1"))],
    expect: big.map((name) => eventually(running(name, replicas))),
  };
}

function pairs({ history }) {
  return {
    committed({ events }) {
      for (const _event of events) {
        for (const task of history.view.tasks.values()) {
          if (task.id === "") throw new Error("a task has an id");
        }
      }
    },
  };
}

function post(method, params) {
  let answer;
  session.post(method, params, (error, result) => {
    if (error !== null) throw new Error(error.message);
    answer = result;
  });
  return answer;
}
