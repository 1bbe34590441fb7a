import {
  at,
  crash,
  eventually,
  network,
  pause,
  restart,
  resume,
  running,
  scenario,
  service,
} from "simswarm/scenario";

/** A minute each: the worker dies, and all others are stopped about when it is to be given up. */
const rounds = Array.from({ length: 12 }, (_, round) => 60 + 60 * round);

/**
 * All machines but one are virtual and on one host, which is suspended again and again, just when
 * the leader has asked the other managers whether they hear it: the answers are what it finds when
 * it goes on. They say nothing of the nodes that were silent because they stood still as well.
 */
export default scenario({
  name: "suspended host",
  story: "A host with all managers is suspended while they are about to give a worker up.",
  topology: { managers: 3, workers: 1 },
  services: [service("web", { image: "web:1", replicas: 3 })],
  steps: [
    at("40s", network({ latencyMean: "400ms", delays: "fixed" })),
    ...rounds.flatMap((second, round) => [
      at(`${second}s`, crash("w1")),
      at(`${second * 1_000 + 13_000 + 300 * round}ms`, pause("all")),
      at(`${second + 40}s`, resume("all")),
      at(`${second + 42}s`, restart("w1")),
    ]),
  ],
  expect: [eventually(running("web", 3))],
});
