import {
  at,
  availability,
  eventually,
  heal,
  partitionOneWay,
  running,
  scenario,
  service,
} from "simswarm/scenario";

/**
 * The leader can still speak, but hears nobody: its heartbeats keep the others quiet while it can
 * commit nothing. Checking its quorum makes it step down, and the others elect a leader that works.
 * Then a worker goes deaf: it still registers again and again, but since it never hears an answer
 * it is given no tasks, and those it had run elsewhere.
 */
export default scenario({
  name: "one-way partition",
  story: "First the leader, then a worker can be heard but cannot hear.",
  topology: { managers: 3, workers: 4 },
  services: [service("web", { image: "web:1", replicas: 5, cpus: 0.5, memory: "256MiB" })],
  steps: [
    at("40s", partitionOneWay(["followers", "workers"], ["leader"])),
    at("160s", heal()),
    at("190s", partitionOneWay(["managers"], ["w1"])),
    at("280s", heal()),
  ],
  expect: [eventually(running("web", 5)), availability("web", { lowest: 5 })],
});
