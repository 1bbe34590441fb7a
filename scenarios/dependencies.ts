import {
  at,
  availability,
  crash,
  eventually,
  restart,
  running,
  scenario,
  service,
  update,
} from "simswarm/scenario";

/**
 * The site needs its interface and that needs the database, which takes a while to be healthy. All
 * three are created at once; each is prepared, and started only when what it depends on runs in
 * full. The leader is lost in the middle of it, and later the machine on which much of it runs:
 * what has been started once comes back without waiting for anybody.
 */
export default scenario({
  name: "dependencies",
  story: "Three services start one after another, though the leader is lost in between.",
  topology: { managers: 3, workers: 3 },
  services: [
    service("db", { image: "db:1", replicas: 2, health: { interval: "2s", startPeriod: "10s" } }),
    service("api", { image: "api:1", replicas: 3, health: { interval: "2s" }, dependsOn: ["db"] }),
    service("web", { image: "web:1", replicas: 4, dependsOn: ["api", "db"] }),
  ],
  steps: [
    at("17s", crash("leader")),
    at("40s", restart("all")),
    at("90s", crash("a worker")),
    at("100s", update("api", { image: "api:2" })),
    at("150s", restart("all")),
  ],
  expect: [
    eventually(running("db", 2)),
    eventually(running("api", 3)),
    eventually(running("web", 4)),
    availability("web", { below: "90s" }),
  ],
});
