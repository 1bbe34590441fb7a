import {
  at,
  availability,
  crash,
  eventually,
  heal,
  partition,
  restart,
  running,
  scenario,
  service,
  skewClock,
} from "simswarm/scenario";

/**
 * A whole zone goes, worker by worker: one crashes, the other is only cut off and goes on running
 * its containers. Both are called down after three missed heartbeats and their tasks are run in the
 * other zone, which has room for exactly that. When the machine that was cut off is back, it is
 * told to stop what it no longer owns.
 */
export default scenario({
  name: "worker loss",
  story: "A zone of two workers is lost, one dead and one cut off, and comes back.",
  topology: {
    managers: [{ count: 3, cpus: 1 }],
    workers: [
      { count: 2, zone: "a", cpus: 2 },
      { zone: "b", cpus: 1 },
      { zone: "b", cpus: 2 },
      { zone: "b", cpus: 3 },
    ],
  },
  services: [
    service("web", {
      image: "web:1",
      replicas: 6,
      cpus: 1,
      memory: "512MiB",
      constraints: ["node.role==worker"],
      restart: { delay: "2s" },
    }),
  ],
  steps: [
    at("40s", crash("w1")),
    at("45s", partition(["w2"], "rest")),
    at("50s", skewClock("leader", "10m")),
    at("120s", restart("w1")),
    at("130s", heal()),
  ],
  expect: [eventually(running("web", 6)), availability("web", { lowest: 4, below: "45s" })],
});
