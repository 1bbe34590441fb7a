import {
  at,
  availability,
  eventually,
  heal,
  kill,
  partition,
  pause,
  remove,
  restart,
  resume,
  running,
  scale,
  scenario,
  service,
} from "simswarm/scenario";

const onWorkers = { constraints: ["node.role==worker"] };

/**
 * A leader is stopped, and the others elect another, who changes what the workers run. Then it goes
 * on, cut off from the other managers, just when a worker's daemon starts that has forgotten which
 * term it last heard of: it must not believe the old leader, who knows nothing of its tasks.
 */
export default scenario({
  name: "deposed leader commands",
  story:
    "A leader that was stopped goes on, cut off from the managers, as a worker's daemon starts.",
  topology: { managers: 3, workers: 2 },
  services: [
    service("web", { image: "web:1", replicas: 2, ...onWorkers }),
    service("old", { image: "old:1", replicas: 2, ...onWorkers }),
  ],
  steps: [
    at("40s", partition(["leader"], ["followers"])),
    at("40s", pause("leader")),
    at("80s", scale("web", 8)),
    at("85s", remove("old")),
    at("110s", kill("w1")),
    at("110s", resume("all")),
    at("111s", restart("w1")),
    at("180s", heal()),
  ],
  expect: [
    eventually(running("web", 8)),
    availability("web", { lowest: 2, below: "1s", starts: 6 }),
  ],
});
