import {
  at,
  availability,
  crash,
  empty,
  eventually,
  heal,
  isGone,
  partition,
  removeNode,
  restart,
  rotateRoot,
  running,
  scenario,
  service,
} from "simswarm/scenario";

/**
 * Two workers are cut off with what they run, and removed; then the root is rotated three times,
 * so that neither knows any that is left. When the network heals, each is told that it is out by
 * managers whose root it has never heard of: it believes them, as its own root has vouched for the
 * next, and so on to the present one, and stops what it runs. A worker that is off meanwhile, and
 * was not removed, holds the last rotation up, and comes back into the cluster by itself.
 */
export default scenario({
  name: "removed while away",
  story: "Nodes are removed while they are away, and roots rotated; back again, they stop.",
  topology: { managers: 3, workers: 5 },
  services: [service("web", { image: "web:1", replicas: 8 })],
  steps: [
    at("40s", partition(["w4", "w5"], "rest")),
    at("80s", removeNode("w4")),
    at("85s", removeNode("w5")),
    at("90s", rotateRoot()),
    at("120s", rotateRoot()),
    at("121s", crash("leader")),
    at("150s", restart("all")),
    at("160s", crash("w3")),
    at("162s", rotateRoot()),
    at("200s", crash("w5")),
    at("220s", heal()),
    at("230s", restart("all")),
  ],
  expect: [
    eventually(isGone("w4")),
    eventually(isGone("w5")),
    eventually(empty("w4")),
    eventually(empty("w5")),
    eventually(running("web", 8)),
    availability("web", { lowest: 4 }),
  ],
});
