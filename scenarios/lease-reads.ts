import { at, driftClock, heal, partition, type Step, scenario } from "simswarm/scenario";

/**
 * Eight clients use the same few services as registers, and leaders answer reads by themselves
 * while they hold a lease. That is right only as long as nobody else can be elected, and the lease
 * counts on clocks: so before each partition the leader's is slowed down and the others' are sped
 * up, to just within the margin that was planned for. The leader believes for as long as it may
 * that it leads, the others elect as early as they can, and still nobody reads what is long
 * overwritten. Machines crash and stand still besides, and come back with reads waiting for them.
 *
 * An election timeout is nine whole ticks, which with this margin are exactly eight of the slowest
 * clock: a lease has nothing to spare. Ticks are ten times as fast as Swarm's, so that a minute
 * sees many leaders.
 */
const marginPpm = 125_000;
/** Either way: 1.0588 is 1.125 times 0.9412. */
const driftPpm = 58_823;

const cuts: readonly Step[] = Array.from({ length: 10 }, (_, number) => [
  at(`${12 + 6 * number}s`, driftClock("leader", -driftPpm)),
  at(`${12 + 6 * number}s`, driftClock("followers", driftPpm)),
  at(`${13 + 6 * number}s`, partition(["leader"], "rest")),
  at(`${16 + 6 * number}s`, heal()),
]).flat();

export default scenario({
  name: "lease reads",
  story: "Leaders answer reads by lease, under clocks that drift and partitions that depose them.",
  topology: {
    managers: 3,
    workers: 0,
    raft: { tick: "100ms", reads: "lease", maxClockDriftPpm: marginPpm },
  },
  services: [],
  clients: 8,
  steps: cuts,
  chaos: {
    from: "10s",
    until: "74s",
    crashes: { every: ["5s", "40s"], downFor: ["200ms", "5s"] },
    pauses: { every: ["3s", "20s"], lasting: ["100ms", "5s"] },
    loss: [0, 10],
    duplicates: [0, 20],
    latencyMean: ["200us", "50ms"],
    diskLatencyMean: ["100us", "50ms"],
  },
  expect: [],
});
