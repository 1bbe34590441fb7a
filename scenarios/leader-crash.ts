import {
  at,
  availability,
  crash,
  eventually,
  restart,
  running,
  scenario,
  service,
} from "simswarm/scenario";

/**
 * The leader's machine dies. Its containers die with it, so the service is short of a few tasks
 * until a new leader is elected, has heard of every other node, and calls the dead one down. The
 * machine comes back later as a follower, and takes new tasks but gets none of the old ones back.
 */
export default scenario({
  name: "leader crash",
  story: "The leader's machine dies and comes back two minutes later.",
  topology: { managers: 3, workers: 5 },
  services: [service("web", { image: "web:1", replicas: 8, cpus: 0.5, memory: "256MiB" })],
  steps: [at("40s", crash("leader")), at("160s", restart("all"))],
  expect: [eventually(running("web", 8)), availability("web", { lowest: 6, below: "100s" })],
});
