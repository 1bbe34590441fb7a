import {
  at,
  availability,
  corruptDisk,
  crash,
  eventually,
  restart,
  running,
  scale,
  scenario,
  service,
} from "simswarm/scenario";

/**
 * A disk loses a bit of what it had made safe. The manager on it finds that out when it starts
 * again after a crash, and refuses: with a hole in its memory it could vote twice, or take back
 * what it has acknowledged. The others go on without it.
 */
export default scenario({
  name: "damaged disk",
  story: "A manager's disk is damaged; it refuses to start, and the others go on.",
  topology: { managers: 3, workers: 3 },
  services: [service("web", { image: "web:1", replicas: 3, restart: { delay: "1s" } })],
  steps: [
    at("40s", corruptDisk("m1")),
    at("45s", crash("m1")),
    at("60s", restart("m1")),
    at("70s", scale("web", 5)),
  ],
  expect: [eventually(running("web", 5)), availability("web", { lowest: 2, below: "90s" })],
});
