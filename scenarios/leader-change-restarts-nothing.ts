import {
  at,
  availability,
  crash,
  demote,
  eventually,
  heal,
  kill,
  partition,
  restart,
  running,
  scenario,
  service,
} from "simswarm/scenario";

/**
 * Leaders are lost in every way: one loses power, one is cut off, one is killed, one is demoted.
 * Each new leader takes the workers as they are. What they run goes on, and nothing is started
 * anew, whoever leads.
 */
export default scenario({
  name: "a change of leader restarts nothing",
  story: "Four changes of leader, each for another reason; no container is started anew.",
  topology: { managers: 5, workers: 4 },
  services: [
    service("web", { image: "web:1", replicas: 6, constraints: ["node.role==worker"] }),
    service("api", {
      image: "api:1",
      replicas: 4,
      constraints: ["node.role==worker"],
      health: { interval: "5s", retries: 3 },
    }),
  ],
  steps: [
    at("40s", crash("leader")),
    at("70s", restart("all")),
    at("90s", partition(["leader"], "rest")),
    at("120s", heal()),
    at("140s", kill("leader")),
    at("160s", restart("all")),
    at("180s", demote("leader")),
  ],
  expect: [
    eventually(running("web", 6)),
    eventually(running("api", 4)),
    availability("web", { lowest: 6, below: "0s", starts: 0 }),
    availability("api", { lowest: 4, below: "0s", starts: 0 }),
  ],
});
