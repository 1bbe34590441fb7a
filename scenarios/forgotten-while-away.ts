import {
  at,
  crash,
  empty,
  eventually,
  heal,
  isGone,
  partition,
  removeNode,
  running,
  scenario,
  service,
} from "simswarm/scenario";

/**
 * A worker is cut off with what it runs, and removed. The cluster remembers that for two lives of a
 * certificate; then another node is removed, and the first is forgotten. When the network heals the
 * worker's certificate is over, and nobody lets it in. It asks for a new one with the old one, and
 * the leader, which knows no such node, says so: then it stops what it runs.
 */
export default scenario({
  name: "forgotten while away",
  story: "A removed node comes back when nobody remembers it any more; it stops what it runs.",
  topology: {
    managers: 3,
    workers: 4,
    raft: { tick: "5s" },
    heartbeat: "30s",
    cluster: { certExpiry: "1h" },
  },
  services: [service("web", { image: "web:1", replicas: 8 })],
  steps: [
    at("100s", partition(["w4"], "rest")),
    at("300s", removeNode("w4")),
    at("150m", crash("w3")),
    at("155m", removeNode("w3")),
    at("156m", heal()),
  ],
  expect: [eventually(isGone("w4")), eventually(empty("w4")), eventually(running("web", 8))],
});
