import {
  at,
  availability,
  crash,
  eventually,
  restart,
  running,
  scale,
  scenario,
  service,
} from "simswarm/scenario";

/**
 * All machines are switched off, for longer than any certificate is good. When they are on again,
 * the managers still elect a leader, which renews first its own certificate and then everybody's:
 * nobody has to make the cluster anew. The next morning a worker and a manager stay off.
 */
export default scenario({
  name: "certificate expired while off",
  story: "Everything is off for 100 days; with every certificate expired, the cluster recovers.",
  topology: { managers: 3, workers: 3 },
  services: [service("web", { image: "web:1", replicas: 5 })],
  steps: [
    at("60s", crash("all")),
    at("2400h", restart("managers")),
    at("2401h", restart("workers")),
    at("2401.01h", crash("m1")),
    at("2401.01h", crash("w1")),
    at("2401.02h", scale("web", 6)),
    at("2401.03h", restart("all")),
  ],
  expect: [eventually(running("web", 6)), availability("web", { below: "2401h" })],
});
