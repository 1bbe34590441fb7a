import {
  at,
  availability,
  crash,
  eventually,
  heal,
  partition,
  restart,
  rotateJoinToken,
  rotateRoot,
  running,
  scenario,
  service,
} from "simswarm/scenario";

/**
 * The root of all certificates is replaced while machines come and go. A worker is away: the
 * rotation waits for it, and goes on when it is back. In the end everybody has a certificate of
 * the new root, and at no moment was one of them a stranger to another.
 */
export default scenario({
  name: "root rotated",
  story: "The root is rotated while the leader crashes and a worker is away.",
  topology: { managers: 3, workers: 4 },
  services: [service("web", { image: "web:1", replicas: 4 })],
  steps: [
    at("40s", crash("w1")),
    at("42s", rotateRoot()),
    at("43s", crash("leader")),
    at("60s", partition(["w2"], "rest")),
    at("75s", restart("all")),
    at("80s", heal()),
    at("81s", crash("a worker")),
    at("85s", rotateRoot()),
    at("86s", rotateJoinToken("worker")),
    at("90s", crash("leader")),
    at("100s", restart("all")),
    at("140s", rotateRoot()),
    at("141s", crash("managers")),
    at("150s", restart("managers")),
  ],
  expect: [eventually(running("web", 4)), availability("web", { lowest: 1, below: "150s" })],
});
