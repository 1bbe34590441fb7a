import { at, heal, partition, type Step, scenario } from "simswarm/scenario";

/**
 * Eight clients use the same few services as registers: each reads, changes what it has read, and
 * takes no for an answer when another was faster. Every few seconds the leader loses the network,
 * and for a moment there are two who believe that they lead; machines crash and stand still
 * besides. What the clients are told must look as if one thing had happened after another: nobody
 * reads what is long overwritten, no change is lost, and none takes effect twice.
 *
 * Ticks are ten times as fast as Swarm's, so that a minute sees many leaders.
 */
const cuts: readonly Step[] = Array.from({ length: 10 }, (_, number) => [
  at(`${12 + 6 * number}s`, partition(["leader"], "rest")),
  at(`${15 + 6 * number}s`, heal()),
]).flat();

export default scenario({
  name: "clients",
  story: "Clients read and change the same services while leaders come and go.",
  topology: { managers: 3, workers: 0, raft: { tick: "100ms" } },
  services: [],
  clients: 8,
  steps: cuts,
  chaos: {
    from: "10s",
    until: "72s",
    crashes: { every: ["5s", "40s"], downFor: ["200ms", "5s"] },
    pauses: { every: ["3s", "20s"], lasting: ["500ms", "5s"] },
    freezes: { every: ["3s", "20s"], lasting: ["500ms", "5s"] },
    loss: [0, 10],
    duplicates: [0, 20],
    latencyMean: ["200us", "50ms"],
    diskLatencyMean: ["100us", "50ms"],
  },
  expect: [],
});
