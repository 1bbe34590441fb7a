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
 * Nodes beat every two seconds, and an election takes a minute. The managers lose their leader, and
 * elect another; the old one does not know of it yet, and answers all nodes as before. The new one
 * hears nobody meanwhile, and waits until the old one must have found out: none is called down.
 */
export default scenario({
  name: "old leader answers",
  story: "An old leader answers the nodes for a while beside the new one; none is down.",
  topology: { managers: 5, workers: 4, raft: { tick: "5s" }, heartbeat: "2s" },
  services: [service("web", { image: "web:1", replicas: 6, constraints: ["node.role==worker"] })],
  steps: [
    at("200s", partition(["leader"], ["followers"])),
    at("400s", heal()),
    at("600s", partition(["leader"], ["followers"])),
    at("800s", heal()),
  ],
  expect: [
    eventually(running("web", 6)),
    availability("web", { lowest: 6, below: "0s", starts: 0 }),
  ],
});
