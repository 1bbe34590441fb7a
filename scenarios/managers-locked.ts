import {
  at,
  availability,
  configure,
  crash,
  demote,
  eventually,
  heal,
  isManager,
  isWorker,
  partition,
  promote,
  restart,
  rotateUnlockKey,
  running,
  scenario,
  service,
} from "simswarm/scenario";

/**
 * Managers are to be locked while one of them is cut off, and the key is changed while another is
 * down: each learns the newest key as soon as a leader hears it. Who is promoted keeps what it
 * keeps under the key too, and who is demoted forgets it. A key is changed twice while the managers
 * still take the first change in.
 */
export default scenario({
  name: "managers locked",
  story: "Managers are locked, and the key is changed, while some are away and roles change.",
  topology: { managers: 3, workers: 3, cluster: { certExpiry: "1h" } },
  services: [service("web", { image: "web:1", replicas: 4 })],
  steps: [
    at("40s", partition(["m1"], "rest")),
    at("42s", configure({ autoLock: true })),
    at("60s", crash("a follower")),
    at("62s", rotateUnlockKey()),
    at("70s", promote("w1")),
    at("75s", heal()),
    at("80s", restart("all")),
    at("100s", demote("m3")),
    at("120s", crash("leader")),
    at("125s", rotateUnlockKey()),
    at("140s", restart("all")),
    at("170s", rotateUnlockKey()),
    at("170.1s", rotateUnlockKey()),
  ],
  expect: [
    eventually(isManager("w1")),
    eventually(isWorker("m3")),
    eventually(running("web", 4)),
    availability("web", { lowest: 2, below: "2m" }),
  ],
});
