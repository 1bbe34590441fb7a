import {
  at,
  availability,
  eventually,
  heal,
  partition,
  running,
  scenario,
  service,
} from "simswarm/scenario";

/**
 * The leader is cut off together with two workers: a minority. It can commit nothing any more, and
 * steps down when it notices. The other two managers elect a new leader, call the lost machines
 * down and run their tasks elsewhere. When the network heals, the old leader follows the new one,
 * and what ran twice for a while runs once again.
 */
export default scenario({
  name: "partition",
  story: "The leader loses the network together with a minority, which later comes back.",
  topology: { managers: 3, workers: 5 },
  services: [service("web", { image: "web:1", replicas: 6, cpus: 0.5, memory: "256MiB" })],
  steps: [at("40s", partition(["leader", "w1", "w2"], "rest")), at("180s", heal())],
  expect: [eventually(running("web", 6)), availability("web", { lowest: 6 })],
});
