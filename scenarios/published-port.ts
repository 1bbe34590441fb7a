import {
  at,
  atLeast,
  crash,
  drain,
  eventually,
  heal,
  partition,
  restart,
  scenario,
  service,
  update,
} from "simswarm/scenario";

/** Several numbers, which the cluster chooses, for one port of the container. */
const alike = (count: number) => Array.from({ length: count }, () => ({ target: 81 }));

/**
 * Two services publish a port on every node, and more that the cluster chooses for each: one
 * service is updated step by step and scaled, in the end with other ports, the other has a task on
 * each node. Meanwhile a worker dies, another is emptied, a third is cut off with what it runs, and
 * containers fail. Every node that hears the leader forgets a task's address soon after the task
 * was told to stop; in the end every node leads all ports to exactly the tasks that run.
 */
export default scenario({
  name: "published port",
  story: "Tasks come and go behind published ports, and every node's routes follow them.",
  topology: { managers: 3, workers: 4 },
  services: [
    service("web", {
      image: "web:1",
      replicas: 5,
      ports: [{ target: 80, published: 8080 }, ...alike(2)],
      restart: { delay: "2s" },
      update: { parallelism: 1, delay: "2s", order: "start-first" },
    }),
    service("names", {
      image: "names:1",
      mode: "global",
      ports: [{ target: 53, published: 53, protocol: "udp" }, { target: 54 }],
      restart: { delay: "1s" },
    }),
  ],
  chaos: {
    from: "60s",
    until: "180s",
    crashes: { every: ["30s", "90s"], downFor: ["2s", "20s"] },
    partitions: { every: ["30s", "90s"], lasting: ["2s", "20s"] },
    loss: [0, 5],
    latencyMean: ["200us", "20ms"],
    containerCrashes: { every: ["20s", "2m"] },
  },
  steps: [
    at("45s", update("web", { image: "web:2" })),
    at("70s", crash("w1")),
    at("80s", drain("w2")),
    at("90s", partition(["w3"], "rest")),
    at("100s", restart("w1")),
    at("120s", update("web", { image: "web:3", replicas: 7, ports: alike(3) })),
    at("130s", heal()),
    at("150s", update("web", { image: "web:4", replicas: 4 })),
  ],
  expect: [eventually(atLeast("web", 1))],
});
