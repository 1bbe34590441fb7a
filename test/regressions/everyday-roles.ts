import { scenario, service } from "simswarm/scenario";

/**
 * Managers with ten ticks a second are demoted and promoted as soon as the last change is
 * answered, and lost all the while: changes of membership meet changes of leaders.
 */
export default scenario({
  name: "everyday roles",
  story: "Roles change quickly while leaders are lost.",
  topology: { managers: 5, workers: 2, raft: { tick: "100ms" } },
  services: [service("web", { image: "web:1", replicas: 2 })],
  chaos: {
    from: "20s",
    until: "120s",
    everyKind: true,
    crashes: { every: ["2s", "6s"], downFor: ["200ms", "3s"] },
    pauses: { every: ["2s", "6s"], lasting: ["200ms", "3s"] },
    partitions: { every: ["2s", "6s"], lasting: ["500ms", "4s"] },
    loss: [5, 30],
    latencyMean: ["1ms", "60ms"],
    pullFailures: [0, 30],
    startFailures: [0, 30],
    containerCrashes: { every: ["20s", "5m"] },
    commands: { every: ["300ms", "1s"], users: 2 },
  },
  expect: [],
});
