import { at, powerOn, scenario, service } from "simswarm/scenario";

const machine = { cpus: 8, labels: { disk: "ssd" } };

/**
 * Now and then a majority of the managers lose their disks for good, while users work and machines
 * fail. Somebody starts a manager that is left alone, whatever it has heard last, or makes one of
 * its backup where all are lost; the others join anew, and are promoted. What the old cluster had
 * acknowledged and that manager had not heard of is lost; all that it knows stays, with what runs
 * on the workers, and whoever belonged to the old cluster comes over to the new one.
 */
export default scenario({
  name: "everyday disaster",
  story: "The quorum is lost for good, again and again; one manager goes on, the others join anew.",
  topology: {
    managers: [{ count: 5, ...machine }],
    workers: [
      { count: 3, ...machine },
      { ...machine, joins: true },
    ],
  },
  networks: { front: { driver: "overlay" } },
  services: [
    service("web", { image: "web:1", replicas: 4, networks: ["front"] }),
    service("logs", { image: "logs:1", mode: "global", restart: { delay: "2s" } }),
  ],
  steps: [at("45s", powerOn("w4"))],
  chaos: {
    from: "30s",
    until: "210s",
    quorumLosses: {
      every: ["20s", "90s"],
      downFor: ["1s", "20s"],
      backups: { every: ["10s", "60s"] },
    },
    crashes: { every: ["10s", "60s"], downFor: ["1s", "30s"] },
    pauses: { every: ["10s", "60s"], lasting: ["1s", "30s"] },
    partitions: { every: ["10s", "60s"], lasting: ["1s", "30s"] },
    loss: [0, 20],
    reordering: [0, 20],
    latencyMean: ["200us", "100ms"],
    containerCrashes: { every: ["20s", "5m"] },
    commands: { every: ["500ms", "4s"], users: 2, creates: 4, everything: true, upkeep: true },
  },
  expect: [],
});
