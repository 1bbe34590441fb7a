import {
  at,
  availability,
  eventually,
  kill,
  restart,
  running,
  scenario,
  service,
} from "simswarm/scenario";

/**
 * The daemons of all machines are killed and come back, some of them together, while the containers
 * run on. They are found again as they are: none is started anew, and each keeps its address, in a
 * network that has as many addresses as there are tasks.
 */
export default scenario({
  name: "daemons killed",
  story: "Daemons are killed and come back; every container runs on, and keeps its address.",
  topology: { managers: 3, workers: 3 },
  networks: { tight: { driver: "overlay", subnet: "10.6.0.0/29" } },
  services: [
    service("web", {
      image: "web:1",
      replicas: 5,
      maxReplicasPerNode: 1,
      networks: ["tight"],
      restart: { delay: "1s" },
    }),
  ],
  steps: [
    at("40s", kill("w1")),
    at("41s", restart("w1")),
    at("50s", kill("workers")),
    at("55s", restart("all")),
    at("70s", kill("leader")),
    at("75s", restart("all")),
    at("90s", kill("all")),
    at("95s", restart("all")),
  ],
  expect: [
    eventually(running("web", 5)),
    availability("web", { lowest: 5, below: "0s", starts: 0 }),
  ],
});
