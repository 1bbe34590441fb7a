import {
  at,
  availability,
  eventually,
  heal,
  partition,
  running,
  scenario,
  service,
} from "simswarm/scenario";

/**
 * Workers lose the network for long enough to be called down, and are back before the replacements
 * of their tasks were to start: there is a minute between the two. Their tasks ran all the time,
 * and are kept; the replacements, which were only prepared, go.
 */
export default scenario({
  name: "a node that is back keeps its tasks",
  story: "Nodes are called down and come back in time: what runs there goes on.",
  topology: { managers: 3, workers: 4 },
  services: [
    service("web", {
      image: "web:1",
      replicas: 8,
      constraints: ["node.role==worker"],
      restart: { delay: "60s" },
    }),
  ],
  steps: [
    at("40s", partition(["w1"], "rest")),
    at("75s", heal()),
    at("100s", partition(["w2", "w3"], "rest")),
    at("140s", heal()),
  ],
  expect: [
    eventually(running("web", 8)),
    availability("web", { lowest: 8, below: "0s", starts: 0 }),
  ],
});
