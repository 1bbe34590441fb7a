import { assert } from "../core/base/assert.ts";
import { noBug, type Planted, type PlantedBug } from "../core/base/planted.ts";
import type { RaftWorldKind } from "./raft/world-kind.ts";

/** What is changed, and the invariant that must be the first to break. */
type Bug = readonly [id: PlantedBug, change: string, caughtBy: string];

/**
 * By the scenario under `scenarios/` that finds them fastest. The ids are those used in the code; R
 * is Raft, the rest is orchestration.
 */
const bugs: Readonly<Record<string, readonly Bug[]>> = {
  "random-chaos": [
    ["R01", "a vote is granted before it is on disk", "promises-are-durable"],
    ["R02", "the term is not written to disk", "promises-are-durable"],
    ["R04", "votes are granted to candidates with older logs", "leader-completeness"],
    ["R07", "one disk less than a majority commits", "committed-is-durable"],
    ["R08", "a leader counts itself before its own write", "committed-is-durable"],
    ["R09", "entries are acknowledged before they are on disk", "promises-are-durable"],
    ["R20", "a new leader appends no empty entry", "converges"],
    ["O03", "what changes before a first set is acknowledged is missed", "assignments-complete"],
    ["O05", "one missed heartbeat makes a node down", "down-after-silence"],
    ["O06", "no node is ever called down", "converges"],
    ["O10", "what was asked to stop is wanted again", "desired-state-rises"],
    ["O14", "an older report of a task is taken", "task-states-advance"],
    ["S02", "tasks that have stopped still take room", "load-is-sum"],
    ["S04", "a node's change makes its load forgotten", "load-is-sum"],
    ["S06", "tasks are given to nodes that are down or drained", "placement-holds"],
    ["S11", "placement constraints are ignored", "placement-holds"],
    ["C01", "a command is acknowledged before it is committed", "acknowledged-command-kept"],
    ["M03", "a leader that is demoted does not hand over", "leader-hands-over"],
    ["K03", "the workers' token makes managers", "certificates-are-due"],
  ],
  "slow-disks": [
    ["R03", "a second vote is granted in the same term", "promises-are-durable"],
    ["R32", "a torn snapshot is accepted", "recovered-is-durable"],
  ],
  "lease-reads": [["R22", "a lease is trusted for ever", "linearizable"]],
  "damaged-disk": [["R33", "damage in the middle is cut off", "recovered-is-durable"]],
  "heartbeat-shortened": [
    ["O15", "a new leader counts with the heartbeat period of today alone", "down-after-silence"],
  ],
  "update-under-wrong-calendars": [
    ["O16", "a new leader asks its own calendar for the time", "time-keeps-pace"],
    ["O18", "managers do not tell one another the time", "time-keeps-pace"],
  ],
  "deposed-leader-commands": [
    ["O19", "a leader opens sessions without asking a quorum", "sessions-follow-terms"],
  ],
  "suspended-host": [
    ["O20", "a quorum's answer counts for who is overdue by then", "down-after-silence"],
  ],
  "old-leader-answers": [
    ["O17", "a new leader does not wait until an old one finds out", "down-after-silence"],
  ],
  "secret-rotated": [
    ["O08", "a node keeps secrets for ever", "least-privilege"],
    ["O09", "every node is told every secret", "least-privilege"],
    ["A04", "a container finds the first file of its node in each", "containers-match-tasks"],
  ],
  "engine-hangs-for-good": [
    ["O11", "a node whose container engine never answers stays ready", "silent-engine-is-down"],
  ],
  "crash-loop": [
    ["O12", "a container is removed as its task ends", "containers-follow-tasks"],
    ["O13", "a container stays whose task is forgotten", "containers-follow-tasks"],
    ["D03", "the tasks of a node that is down for good are kept", "orphaned-in-time"],
    ["P02", "the reaper forgets tasks that run", "reaper-table"],
    ["P03", "the reaper keeps a task too many", "history-bounded"],
    ["X03", "what is done is started again", "restart-condition-holds"],
    ["X05", "the restart attempts are not counted", "max-attempts-hold"],
    ["X06", "restarts do not wait", "restart-delay-holds"],
    ["X08", "attempts count though their window is over", "max-attempts-hold"],
    ["S19", "a node is chosen where the spec fails again and again", "spread-holds"],
  ],
  "manager-joins": [
    ["T01", "tasks' versions begin anew after a snapshot", "state-machine-safety"],
    ["T02", "nodes' dates begin anew after a snapshot", "state-machine-safety"],
    ["M01", "who is promoted votes at once", "learners-first"],
  ],
  "drain-keeps-the-count": [
    ["D04", "a drained node keeps what fits nowhere else", "drain-empties"],
  ],
  dependencies: [["X07", "services do not wait for others", "dependency-holds"]],
  unhealthy: [
    ["H01", "a task runs before it is healthy", "healthy-before-running"],
    ["H02", "what is unhealthy goes on", "unhealthy-is-stopped"],
  ],
  "worker-loss": [["S01", "the scheduler overlooks parked tasks", "capacity-not-exceeded"]],
  placement: [
    ["S08", "a generic resource is given twice", "named-resource-exclusive"],
    ["S15", "a constraint rules out what it asks for", "placement-holds"],
    ["S17", "tasks are packed that are to be spread", "spread-holds"],
    ["S18", "labels to spread over are ignored", "spread-holds"],
  ],
  "machines-change": [
    ["E01", "nobody looks at what runs on a node that has changed", "misfits-leave"],
    ["E02", "a service that is scaled down loses a slot too many", "stopped-for-a-reason"],
    ["E05", "nothing says why a task had to leave its node", "stopped-for-a-reason"],
    ["E06", "what a machine has come to have is not told", "converges"],
    ["E08", "the newest slots go first, wherever they are", "surplus-leaves"],
  ],
  "only-so-much": [
    ["S09", "generic resources are not counted", "capacity-not-exceeded"],
    ["S13", "a port of a node is given twice", "host-port-exclusive"],
    ["S14", "a node takes any number of a service", "neighbours-hold"],
    ["S12", "volumes are mounted anywhere", "volumes-stay"],
    ["S16", "what fits nowhere is not tried again", "waiting-has-a-reason"],
    ["D05", "a drained volume keeps its tasks", "volume-drain-empties"],
  ],
  preemption: [
    ["S20", "tasks make room for their equals", "preemption-holds"],
    ["S21", "tasks make room though they need not", "preemption-holds"],
  ],
  "rebalance-after-return": [
    ["B01", "moves are not counted", "moves-hold"],
    ["B02", "a task is stopped before it has moved", "moves-hold"],
    ["B03", "tasks are moved though nobody wants it", "moves-hold"],
    ["E03", "who takes over in a slot is stopped as well", "stopped-for-a-reason"],
  ],
  "global-nodes-come-and-go": [
    ["E07", "a global task is stopped as its node is down", "stopped-for-a-reason"],
    ["S10", "a node that joins is not thought of for global services", "global-on-every-node"],
    ["G01", "a global service takes any node, whatever its constraints", "placement-holds"],
    ["D02", "what runs on a paused node is stopped", "pause-keeps-running"],
    ["E04", "a new leader gives up nodes that it has yet to hear of", "stopped-for-a-reason"],
  ],
  "jobs-through-manager-crash": [
    ["J01", "a job's slot that has completed is fresh again", "job-completes-once"],
    ["J02", "a job begins all its tasks at once", "job-concurrency-holds"],
    ["P04", "what a job has ended is kept for ever", "history-bounded"],
  ],
  "power-failure": [
    ["X04", "a replacement does not wait for its predecessor", "slot-not-doubled"],
    ["A01", "a container that was lost in a crash is started again", "task-runs-once"],
    ["A03", "placeholders of what a node finds on its disk stay", "containers-match-tasks"],
  ],
  "rolling-update-leader-lost": [
    ["U01", "one slot more than `parallelism`", "update-parallelism"],
    ["U02", "start-first and stop-first are swapped", "update-order"],
    ["U05", "the last slots are not monitored", "update-heeds-failures"],
    ["U06", "the delay between slots is ignored", "update-spacing"],
    ["U06b", "the delay counts from a slot's beginning", "update-spacing"],
  ],
  "update-during-chaos": [
    ["U01b", "parallelism 0 is taken for 1", "update-parallelism"],
    ["U04", "a rollback is rolled back", "update-status-machine"],
    ["U07", "a task lost with its node has failed", "update-heeds-failures"],
    ["U11", "a rollback leads to the oldest spec", "update-status-machine"],
  ],
  "update-rolls-back": [
    ["U03", "failures are not counted", "update-heeds-failures"],
    ["U08", "any older version is replaced", "clean-task-kept"],
    ["U10", "an update pauses that is to be rolled back", "update-heeds-failures"],
    ["X09", "a replacement always waits as long as it may", "parked-is-started"],
  ],
  "update-waits-for-its-user": [
    ["U09", "the progress deadline is ignored", "progress-deadline-holds"],
  ],
  "overlay-network": [
    ["C02", "a network goes though services are in it", "references-hold"],
    ["N02", "an address is free once its task is told to stop", "address-given-once"],
    ["N03", "a new leader takes all addresses for free", "address-given-once"],
    ["N04", "nobody is told that a task begins to serve", "converges"],
    ["N05", "addresses are never free again", "converges"],
    ["N06", "names of what has stopped stay", "names-follow-tasks"],
    ["N09", "a network's range is not heeded", "address-given-once"],
  ],
  clients: [
    ["L01", "a leader answers reads without asking a quorum", "linearizable"],
    ["L03", "a leader refuses commands without asking a quorum", "linearizable"],
    ["O01", "a leader that was deposed goes on deciding", "single-leader-writes"],
  ],
  "everyday-mixed": [["N10", "a network is given a subnet that another has", "subnets-apart"]],
  "everyday-chaos": [
    ["M02", "a manager is removed without whom there is no quorum", "removal-keeps-quorum"],
  ],
  "node-removed": [["M04", "a node that was removed is let in again", "removed-stays-out"]],
  "quorum-lost-recovered": [["M05", "a new cluster is forced beside one that works", "no-fork"]],
  "daemons-killed": [["A02", "what outlives its daemon is taken for lost", "address-exclusive"]],
  "stopped-while-its-engine-hangs": [
    ["A05", "a node's disk does not say that a task is to stop", "stopped-stays-stopped"],
  ],
  "certificates-of-an-hour": [
    ["K01", "certificates are never renewed", "renewed-in-time"],
    ["K05", "certificates are renewed when they end", "renewed-in-time"],
  ],
  "certificate-expired-while-off": [
    ["K02", "an expired certificate can't be renewed", "certificates-are-due"],
  ],
  "root-rotated": [
    ["K04", "roots are swapped before the last node has moved", "certificates-are-due"],
  ],
  "forged-messages": [
    ["K06", "a worker's certificate does for a manager's message", "role-is-heeded"],
    ["K07", "a demoted manager's certificate is a manager's", "demotion-is-heeded"],
    ["K08", "expired certificates are let in", "expiry-is-heeded"],
    ["K09", "any node's certificate does for any node", "certificate-is-own"],
    ["K10", "any root's certificate does", "root-is-trusted"],
    ["K11", "anybody's word of a newer incarnation is believed", "newer-incarnation-is-proven"],
    ["K12", "no certificate needs to be shown", "certificate-is-shown"],
    ["K16", "certificates of former roots are good", "root-is-trusted"],
    ["K17", "a removed node's certificate is good", "removal-is-heeded"],
  ],
  "join-token-rotated": [
    ["K13", "tokens are good after they were rotated", "tokens-hold"],
    ["K20", "a token of another root is tried without a word", "strangers-are-told"],
  ],
  "external-authority": [
    ["K14", "what an authority outside answers is not looked at", "certificates-match-requests"],
  ],
  "removed-while-away": [["K15", "no root's word is kept", "removal-is-believed"]],
  "calendar-past-certificates": [
    ["K18", "a leader stays whose calendar most do not share", "calendar-is-shared"],
  ],
  "forgotten-while-away": [["K19", "who is forgotten runs on", "forgotten-stops"]],
  "published-port": [
    ["N01", "routes to what has stopped stay", "routes-follow-tasks"],
    ["N07", "ports are chosen that others have", "published-port-exclusive"],
    ["N08", "a port keeps the number of one that is like it", "published-port-exclusive"],
  ],
  "rolling-upgrade-of-the-cluster": [
    ["V01", "what is new begins when the managers speak it", "levels-are-spoken"],
  ],
};

/** Every bug that `core/raft` can be made to have, by the world of Raft members that shows it. */
const raftBugs: Readonly<Record<RaftWorldKind, readonly Bug[]>> = {
  raft: [
    ["R01", "a vote is granted before it is on disk", "promises-are-durable"],
    ["R02", "the term is not written to disk", "promises-are-durable"],
    ["R03", "a second vote is granted in the same term", "promises-are-durable"],
    ["R04", "votes are granted to candidates with older logs", "leader-completeness"],
    ["R05", "one vote less than a majority elects", "election-safety"],
    ["R06", "entries of earlier terms are committed by counting", "leaders-commit-own-terms"],
    ["R07", "one disk less than a majority commits", "committed-is-durable"],
    ["R08", "a leader counts itself before its own write", "committed-is-durable"],
    ["R09", "entries are acknowledged before they are on disk", "promises-are-durable"],
    ["R10", "a follower does not compare the term before new entries", "log-matching"],
    ["R12", "a conflicting tail of the log is kept", "appends-are-taken"],
    ["R14", "a leader overwrites its own entry", "leader-append-only"],
    ["R16", "messages of earlier terms are accepted", "earlier-terms-are-ignored"],
    ["R17", "a leader ignores later terms", "later-terms-win"],
    ["R20", "a new leader appends no empty entry", "commits-in-time"],
    ["R21", "reads are served without asking a quorum", "reads-are-fresh"],
    ["R22", "a lease is trusted for ever", "reads-are-fresh"],
    ["R23", "a new leader serves reads before its first commit", "reads-are-fresh"],
    ["R24", "a second change of membership does not wait for the first", "quorums-overlap"],
    ["R25", "a new leader changes the membership at once", "quorums-overlap"],
    ["R26", "only the new half of a joint quorum counts", "committed-is-durable"],
    ["R27", "learners campaign", "only-voters-campaign"],
    ["R28", "the disks of learners count", "committed-is-durable"],
    ["R29", "a snapshot holds a later membership", "membership-agrees"],
    ["R34", "a pre-vote changes the term", "pre-votes-are-pure"],
    ["R36", "a leader never checks its quorum", "leaders-hear-quorums"],
    ["R37", "a transfer never ends, and refuses nothing", "transfers-end"],
    ["R39", "a snapshot that a learner lost is never sent again", "followers-catch-up"],
    ["R42", "whoever was removed campaigns, without asking first", "terms-settle"],
  ],
  "raft, in step": [["R18", "election timeouts are all the same", "elects-in-time"]],
  "raft, safe reads": [["R19", "heartbeats do not put elections off", "terms-settle"]],
};

/** One bug that can be planted, and who must see it. */
export interface PlantedRow {
  readonly id: PlantedBug;
  /** What is changed, in a sentence. */
  readonly change: string;
  /** The invariant that must be the first to break. */
  readonly caughtBy: string;
  readonly scenario: string;
}

/** A bug in Raft, and who must see it in a world of nothing but Raft members. */
export interface RaftPlantedRow extends Omit<PlantedRow, "scenario"> {
  readonly world: RaftWorldKind;
}

export const plantedRows: readonly PlantedRow[] = Object.entries(bugs).flatMap(([scenario, rows]) =>
  rows.map(([id, change, caughtBy]) => ({ id, change, caughtBy, scenario })),
);

export const raftPlantedRows: readonly RaftPlantedRow[] = Object.entries(raftBugs).flatMap(
  ([world, rows]) =>
    rows.map(([id, change, caughtBy]) => ({
      ...{ id, change, caughtBy },
      world: world as RaftWorldKind,
    })),
);

/** Makes one bug active in a run. Tests and commands that plant bugs use it, and nobody else. */
export function plant(id: string): Planted {
  assert(plantedIds().has(id), `${id} is a planted bug`);
  return id as Planted;
}

/** The same, or none where none is named. */
export function plantedOf(id: string | null): Planted {
  return id === null ? noBug : plant(id);
}

/** The ids of all bugs in the tables, each once. */
export function plantedIds(): Set<string> {
  return new Set([...raftPlantedRows, ...plantedRows].map(({ id }) => id));
}
