import {
  at,
  availability,
  configure,
  crash,
  create,
  eventually,
  restart,
  running,
  scenario,
  service,
} from "simswarm/scenario";

/**
 * The workers are full when two of them crash, and what matters most waits for room like all else,
 * until the cluster is set to let it take the room of what matters least; the shop comes in
 * between. With all workers back everything runs.
 */
export default scenario({
  name: "preemption",
  story: "In a full cluster two workers crash; tasks of low priority make room for those of high.",
  topology: { managers: [{ count: 3, cpus: 1 }], workers: [{ count: 4, cpus: 2 }] },
  services: [
    service("batch", { image: "batch:1", replicas: 3, cpus: 1, restart: { delay: "1s" } }),
    service("vital", {
      image: "vital:1",
      replicas: 2,
      cpus: 2,
      priority: 10,
      restart: { delay: "1s" },
    }),
  ],
  steps: [
    at("50s", create(service("shop", { image: "shop:1", replicas: 1, cpus: 1, priority: 5 }))),
    at("90s", crash("w1")),
    at("95s", crash("w2")),
    at("150s", configure({ preemption: true })),
    at("240s", restart("w1")),
    at("245s", restart("w2")),
  ],
  expect: [
    eventually(running("vital", 2)),
    eventually(running("shop", 1)),
    eventually(running("batch", 3)),
    availability("vital", { below: "100s" }),
  ],
});
