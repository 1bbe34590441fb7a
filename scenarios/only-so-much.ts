import {
  activate,
  at,
  availability,
  crash,
  create,
  createVolume,
  drain,
  eventually,
  restart,
  running,
  scale,
  scenario,
  service,
  volumeAvailability,
} from "simswarm/scenario";

const soon = { restart: { delay: "1s" } } as const;

/**
 * What a node has only so much of: a database keeps its data where it was first started, and waits
 * for that node when it is lost, and for its data while that is drained; each card is for one task,
 * and so is a port of a node; and one service wants no two tasks in one place. With some machines
 * gone, some of the tasks have to wait.
 */
export default scenario({
  name: "only so much",
  story: "Data lies on one node; cards, ports and places are counted, while machines come and go.",
  topology: { managers: 3, workers: [{ count: 4, generic: { card: 2 } }] },
  services: [
    service("encode", { image: "encode:1", replicas: 6, generic: { card: 1 }, ...soon }),
    service("proxy", { image: "proxy:1", replicas: 6, maxReplicasPerNode: 1, ...soon }),
    service("door", {
      image: "door:1",
      replicas: 6,
      ports: [{ target: 80, published: 80, mode: "host" }],
      ...soon,
    }),
  ],
  steps: [
    at("20s", createVolume("data")),
    at("25s", create(service("db", { image: "db:1", replicas: 2, volumes: ["data"] }))),
    at("40s", crash("w1")),
    at("45s", crash("w2")),
    at("70s", scale("db", 4)),
    at("90s", restart("w1")),
    at("95s", restart("w2")),
    at("110s", drain("w3")),
    at("125s", activate("w3")),
    at("180s", volumeAvailability("data", "drain")),
    at("230s", volumeAvailability("data", "active")),
  ],
  expect: [
    eventually(running("encode", 6)),
    eventually(running("proxy", 6)),
    eventually(running("door", 6)),
    eventually(running("db", 4)),
    availability("encode", { lowest: 2, below: "90s" }),
  ],
});
