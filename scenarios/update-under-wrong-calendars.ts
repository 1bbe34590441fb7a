import {
  at,
  containers,
  crash,
  eventually,
  image,
  restart,
  running,
  scenario,
  service,
  skewClock,
  update,
} from "simswarm/scenario";

/**
 * All managers' calendars are set an hour ahead while an update runs, and its leader dies. The next
 * leader goes on at the time of the cluster, which it has followed on its monotonic clock, and not
 * at that of its own calendar: the images that are being pulled have not been so for an hour, and
 * the update is not paused for want of progress.
 */
export default scenario({
  name: "update under wrong calendars",
  story: "Every calendar is an hour ahead when the leader of an update dies; the update goes on.",
  topology: { managers: 3, workers: 4 },
  services: [
    service("web", {
      image: "web:1",
      replicas: 6,
      update: { parallelism: 2, progressDeadline: "20m" },
    }),
  ],
  steps: [
    at("50s", containers({ pullMean: "30s" })),
    at("50s", skewClock("managers", "1h")),
    at("60s", update("web", { image: "web:2" })),
    at("75s", crash("leader")),
    at("120s", restart("all")),
    at("125s", crash("leader")),
    at("180s", restart("all")),
  ],
  expect: [eventually(running("web", 6)), eventually(image("web", "web:2"))],
});
