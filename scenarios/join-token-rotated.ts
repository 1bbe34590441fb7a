import {
  always,
  at,
  atLeast,
  availability,
  eventually,
  giveToken,
  isGone,
  isManager,
  isWorker,
  powerOn,
  rotateJoinToken,
  rotateRoot,
  running,
  scenario,
  service,
} from "simswarm/scenario";

/**
 * Machines join with tokens that are wrong, that were rotated away, or that name a root that is no
 * more: each is refused, and goes on asking. Others join meanwhile, also with the old token of a
 * role that was not rotated; and one that is told the new token is in at once.
 */
export default scenario({
  name: "join token rotated",
  story: "Whoever comes with a wrong token, or an old one, stays out; everybody else joins.",
  topology: {
    managers: [{ count: 3 }, { name: "m4", joins: true, token: "first" }],
    workers: [
      { count: 2 },
      { name: "guesses", joins: true, token: "wrong" },
      { name: "late", joins: true, token: "first" },
      { name: "told", joins: true },
      { name: "forgotten", joins: true, token: "first" },
    ],
  },
  services: [service("web", { image: "web:1", replicas: 5 })],
  steps: [
    at("40s", powerOn("guesses")),
    at("50s", rotateJoinToken("worker")),
    at("60s", powerOn("late")),
    at("65s", powerOn("told")),
    at("70s", powerOn("m4")),
    at("120s", giveToken("late")),
    at("150s", rotateRoot()),
    at("200s", powerOn("forgotten")),
    at("320s", rotateJoinToken("manager")),
  ],
  expect: [
    eventually(isGone("guesses")),
    eventually(isGone("forgotten")),
    eventually(isWorker("late")),
    eventually(isWorker("told")),
    eventually(isManager("m4")),
    eventually(running("web", 5)),
    always(atLeast("web", 5)),
    availability("web", { lowest: 5, below: "1s", starts: 0 }),
  ],
});
