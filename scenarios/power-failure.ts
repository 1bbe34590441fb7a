import {
  at,
  availability,
  crash,
  eventually,
  image,
  restart,
  running,
  scale,
  scenario,
  service,
  update,
} from "simswarm/scenario";

/**
 * In the middle of a rolling update the power goes everywhere at once. What no disk had made safe
 * is lost; what a user was told is done is not. When the power is back, the managers agree on what
 * was committed, no container is started twice, and the update goes on where it was.
 */
export default scenario({
  name: "power failure",
  story: "Every machine loses power during a rolling update, and all come back.",
  topology: { managers: 3, workers: 5 },
  services: [
    service("web", {
      image: "web:1",
      replicas: 6,
      env: ["WHERE={{.Node.Hostname}}", "WHICH={{.Service.Name}}-{{.Task.Slot}}"],
      update: { parallelism: 2, delay: "2s" },
    }),
    service("queue", { image: "queue:1", replicas: 2, restart: { delay: "1s" } }),
  ],
  steps: [
    at("45s", update("web", { image: "web:2" })),
    at("46s", scale("queue", 4)),
    at("50s", crash("all")),
    at("60s", restart("all")),
  ],
  expect: [
    eventually(running("web", 6)),
    eventually(image("web", "web:2")),
    eventually(running("queue", 4)),
    availability("web", { below: "90s" }),
    availability("queue", { below: "90s" }),
  ],
});
