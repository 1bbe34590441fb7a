import {
  at,
  create,
  eventually,
  freeDaemon,
  hangDaemon,
  heal,
  kill,
  partition,
  remove,
  removed,
  restart,
  scenario,
  service,
} from "simswarm/scenario";

/**
 * A worker is told to run a task, and then to stop it, while its container engine hangs: nothing is
 * done about either. Its daemon is killed, and starts again cut off from the managers, when the
 * engine answers once more. What the node was told last is on its disk, so it starts nothing.
 */
export default scenario({
  name: "stopped while its engine hangs",
  story: "What a node was told to stop is not started after its daemon was killed.",
  topology: { managers: 3, workers: 2 },
  services: [],
  steps: [
    at("30s", hangDaemon("w1")),
    at("31s", create(service("late", { image: "late:1", constraints: ["node.hostname==w1"] }))),
    at("40s", remove("late")),
    at("45s", kill("w1")),
    at("46s", partition(["w1"], "rest")),
    at("47s", freeDaemon("w1")),
    at("48s", restart("w1")),
    at("80s", heal()),
  ],
  expect: [eventually(removed("late"))],
});
