import type { Planted } from "../../core/base/planted.ts";
import type { Random } from "../../core/base/random.ts";
import type { RaftConfig } from "../../core/raft/contract.ts";

/** Microseconds between two ticks of every member. */
export const tickInterval = 10_000;
/** Election rounds allowed for: each splits the vote less often than once in four. */
const electionRounds = 10;
const million = 1_000_000;

/**
 * What one seed's world is like. Every rate is drawn for itself, and many are 0, so that one seed
 * is all about membership and the next all about crashes (swarm testing). Means are in
 * microseconds between two events; 0: never.
 */
export interface RaftSettings {
  readonly raft: Omit<RaftConfig, "id">;
  readonly voters: readonly string[];
  /** Members that are switched on but not in the cluster until a change adds them. */
  readonly spares: readonly string[];
  /** Spares know nobody until a snapshot reaches them; else what everyone started from. */
  readonly sparesKnowNobody: boolean;
  /** A snapshot after each run of this many entries; 0: never. As many are kept in the log. */
  readonly compactEvery: number;
  readonly compactKeep: number;
  readonly proposalMean: number;
  readonly payloadBytesMost: number;
  readonly readMean: number;
  readonly changeMean: number;
  readonly transferMean: number;
  readonly nudgeMean: number;
  /** How likely it is that a new leader is asked for a change, or loses the others, at once. */
  readonly eagerPerMillion: number;
  readonly huntedPerMillion: number;
  /** All clocks tick at the same moments: nobody is ahead of the others by chance. */
  readonly ticksInStep: boolean;
  readonly crashMean: number;
  readonly powerCutMean: number;
  readonly pauseMean: number;
  readonly partitionMean: number;
  readonly faultLength: number;
  readonly lossPerMillion: number;
  readonly duplicatesPerMillion: number;
  readonly latencyMean: number;
  readonly diskMean: number;
  readonly driftPpm: number;
  /** How long faults last. */
  readonly unrestLength: number;
}

/** How a member's life is limited in time once nothing new breaks. */
export interface LivenessBounds {
  readonly leader: number;
  readonly commit: number;
  readonly caughtUp: number;
}

export function drawSettings(random: Random, planted: Planted): RaftSettings {
  const swarm = drawSwarm(random, planted);
  const settings = random.chance(200_000) ? asDuel(swarm, random) : swarm;
  const maxClockDriftPpm = apartPpm(settings.driftPpm);
  return { ...settings, raft: { ...settings.raft, maxClockDriftPpm } };
}

/** How much faster a clock that is `ppm` fast is than one that is as slow. */
function apartPpm(ppm: number): number {
  return Math.ceil((2 * ppm * million) / (million - ppm));
}

/**
 * One leader after the other is asked for one thing and then cut off, and comes back: the paper's
 * figure 8, and Ongaro's bug of single-server membership changes, need just that.
 */
function asDuel(settings: RaftSettings, random: Random): RaftSettings {
  const names = [...settings.voters, ...settings.spares];
  const size = random.pick([4, 5]);
  return {
    ...settings,
    voters: names.slice(0, size),
    spares: names.slice(size, size + 1),
    ...{ sparesKnowNobody: false, compactEvery: 0, driftPpm: 0 },
    ...{ eagerPerMillion: 1_000_000, huntedPerMillion: 1_000_000, proposalMean: 1_000_000 },
    ...{ changeMean: 0, transferMean: 0, nudgeMean: 0, readMean: 60_000 },
    ...{ crashMean: 0, powerCutMean: 0, pauseMean: 0, partitionMean: 0, faultLength: 150_000 },
    ...{ lossPerMillion: 0, duplicatesPerMillion: 0, latencyMean: 1_000, diskMean: 200 },
    unrestLength: 3_000_000,
  };
}

function drawSwarm(random: Random, planted: Planted): RaftSettings {
  const size = random.pick([3, 3, 4, 5, 5, 7]);
  // A disk that cannot keep up would never catch up again.
  const ticksInStep = random.chance(300_000);
  const diskMean = random.pick([200, 2_000, 8_000]);
  const names = Array.from({ length: size + (size === 7 ? 2 : 3) }, (_, at) => `m${at + 1}`);
  return {
    raft: drawRaft(random, planted),
    voters: names.slice(0, size),
    spares: names.slice(size),
    sparesKnowNobody: random.chance(300_000),
    compactEvery: random.pick([0, 3, 5, 20]),
    compactKeep: random.pick([0, 0, 2, 8]),
    proposalMean: Math.max(5 * diskMean, random.pick([5_000, 15_000, 40_000, 100_000])),
    payloadBytesMost: random.pick([10, 100, 300]),
    readMean: random.pick([8_000, 20_000, 60_000]),
    changeMean: random.pick([0, 30_000, 100_000, 300_000]),
    transferMean: random.pick([0, 0, 150_000, 500_000]),
    eagerPerMillion: random.pick([0, 0, 500_000]),
    huntedPerMillion: random.pick([0, 0, 300_000, 700_000]),
    ticksInStep,
    nudgeMean: random.pick([0, 0, 100_000, 400_000]),
    crashMean: random.pick([0, 100_000, 300_000, 600_000]),
    powerCutMean: random.pick([0, 0, 600_000]),
    pauseMean: random.pick([0, 0, 200_000, 600_000]),
    partitionMean: random.pick([0, 100_000, 300_000, 600_000]),
    faultLength: random.pick([50_000, 150_000, 400_000]),
    lossPerMillion: random.pick([0, 10_000, 100_000, 250_000]),
    duplicatesPerMillion: random.pick([0, 20_000, 200_000]),
    latencyMean: random.pick([300, 2_000, 10_000, 30_000]),
    diskMean,
    driftPpm: ticksInStep ? 0 : random.pick([0, 1_000, 20_000]),
    unrestLength: 1_500_000,
  };
}

function drawRaft(random: Random, planted: Planted): Omit<RaftConfig, "id"> {
  return {
    electionTicks: 10,
    heartbeatTicks: random.pick([1, 2, 3]),
    preVote: true,
    checkQuorum: true,
    reads: random.pick(["safe", "lease"]),
    maxClockDriftPpm: 0,
    maxMessageBytes: random.pick([100, 1_000, 100_000]),
    maxInflightMessages: random.pick([1, 4, 64]),
    maxInflightBytes: random.pick([200, 1_000_000]),
    maxUncommittedBytes: random.pick([500, 1_000_000]),
    planted,
    probe: null,
  };
}

/**
 * How long recovery may take, from the configuration alone: this many rounds of elections, each as
 * long as the longest election timeout, after an old leader has found that it has no quorum and
 * members that have just started have let a leader's lease run out. Then a commit is a few round
 * trips, and a follower needs at most a lost snapshot's patience.
 */
export function livenessBounds({ raft }: RaftSettings): LivenessBounds {
  const election = 2 * raft.electionTicks * tickInterval;
  const leader = (1 + electionRounds) * election;
  const commit = leader + election;
  return { leader, commit, caughtUp: commit + 10 * election };
}
