import {
  always,
  at,
  atLeast,
  availability,
  crash,
  eventually,
  isManager,
  kill,
  restart,
  running,
  scale,
  scenario,
  service,
} from "simswarm/scenario";

/**
 * One of three managers is off until its certificate has expired and the others have renewed theirs
 * more than once. When it is back it asks for a new one with the old, votes again, and is needed:
 * another manager is lost right after.
 */
export default scenario({
  name: "manager expired while off",
  story: "A manager comes back with a certificate that has expired, and is needed at once.",
  topology: {
    managers: 3,
    workers: 3,
    raft: { tick: "2s" },
    heartbeat: "15s",
    cluster: { certExpiry: "1h" },
  },
  services: [service("web", { image: "web:1", replicas: 4, constraints: ["node.role==worker"] })],
  steps: [
    at("2m", crash("m3")),
    at("150m", restart("m3")),
    at("152m", kill("m2")),
    at("154m", scale("web", 5)),
    at("170m", restart("m2")),
  ],
  expect: [
    eventually(isManager("m3")),
    eventually(running("web", 5)),
    always(atLeast("web", 4)),
    availability("web", { lowest: 4, below: "30s", starts: 1 }),
  ],
});
