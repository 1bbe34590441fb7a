import { assert } from "../core/base/assert.ts";
import { noBug, type Planted, type PlantedBug } from "../core/base/planted.ts";
import type { RaftWorldKind } from "./raft/world-kind.ts";

/** One bug that can be planted, and who must see it. */
export interface PlantedRow {
  readonly id: PlantedBug;
  /** What is changed, in a sentence. */
  readonly change: string;
  /** The invariant that must be the first to break. */
  readonly caughtBy: string;
  /** The scenario under `scenarios/` that finds it fastest. */
  readonly scenario: string;
}

const lost = "rolling-update-leader-lost";
const hour = "certificates-of-an-hour";
const forged = "forged-messages";

/** The ids are those used in the code; R is Raft, the rest is orchestration. */
export const plantedRows: readonly PlantedRow[] = [
  row("R01", "a vote is granted before it is on disk", "promises-are-durable"),
  row("R02", "the term is not written to disk", "promises-are-durable"),
  row("R03", "a second vote is granted in the same term", "promises-are-durable", "slow-disks"),
  row("R04", "votes are granted to candidates with older logs", "leader-completeness"),
  row("R07", "one disk less than a majority commits", "committed-is-durable"),
  row("R08", "a leader counts itself before its own write", "committed-is-durable"),
  row("R09", "entries are acknowledged before they are on disk", "promises-are-durable"),
  row("R20", "a new leader appends no empty entry", "converges"),
  row("R22", "a lease is trusted for ever", "linearizable", "lease-reads"),
  row("R32", "a torn snapshot is accepted", "recovered-is-durable", "slow-disks"),
  row("R33", "damage in the middle is cut off", "recovered-is-durable", "damaged-disk"),
  row("O03", "what changes before a first set is acknowledged is missed", "assignments-complete"),
  row("O05", "one missed heartbeat makes a node down", "down-after-silence"),
  row(
    "O15",
    "a new leader counts with the heartbeat period of today alone",
    "down-after-silence",
    "heartbeat-shortened",
  ),
  row(
    "O16",
    "a new leader asks its own calendar for the time",
    "time-keeps-pace",
    "update-under-wrong-calendars",
  ),
  row(
    "O17",
    "a new leader does not wait until an old one finds out",
    "down-after-silence",
    "old-leader-answers",
  ),
  row(
    "O18",
    "managers do not tell one another the time",
    "time-keeps-pace",
    "update-under-wrong-calendars",
  ),
  row("O06", "no node is ever called down", "converges"),
  row("O08", "a node keeps secrets for ever", "least-privilege", "secret-rotated"),
  row("O09", "every node is told every secret", "least-privilege", "secret-rotated"),
  row(
    "O11",
    "a node whose container engine never answers stays ready",
    "silent-engine-is-down",
    "engine-hangs-for-good",
  ),
  row("O10", "what was asked to stop is wanted again", "desired-state-rises"),
  row("O12", "a container is removed as its task ends", "containers-follow-tasks", "crash-loop"),
  row("O13", "a container stays whose task is forgotten", "containers-follow-tasks", "crash-loop"),
  row("O14", "an older report of a task is taken", "task-states-advance"),
  row(
    "T01",
    "tasks' versions begin anew after a snapshot",
    "state-machine-safety",
    "manager-joins",
  ),
  row(
    "D03",
    "the tasks of a node that is down for good are kept",
    "orphaned-in-time",
    "crash-loop",
  ),
  row(
    "D04",
    "a drained node keeps what fits nowhere else",
    "drain-empties",
    "drain-keeps-the-count",
  ),
  row("P02", "the reaper forgets tasks that run", "reaper-table", "crash-loop"),
  row("P03", "the reaper keeps a task too many", "history-bounded", "crash-loop"),
  row("X03", "what is done is started again", "restart-condition-holds", "crash-loop"),
  row("X05", "the restart attempts are not counted", "max-attempts-hold", "crash-loop"),
  row("X06", "restarts do not wait", "restart-delay-holds", "crash-loop"),
  row("X07", "services do not wait for others", "dependency-holds", "dependencies"),
  row("H01", "a task runs before it is healthy", "healthy-before-running", "unhealthy"),
  row("H02", "what is unhealthy goes on", "unhealthy-is-stopped", "unhealthy"),
  row("S01", "the scheduler overlooks parked tasks", "capacity-not-exceeded", "worker-loss"),
  row("S02", "tasks that have stopped still take room", "load-is-sum"),
  row("S04", "a node's change makes its load forgotten", "load-is-sum"),
  row("S06", "tasks are given to nodes that are down or drained", "placement-holds"),
  row("S08", "a generic resource is given twice", "named-resource-exclusive", "placement"),
  row("S09", "generic resources are not counted", "capacity-not-exceeded", "only-so-much"),
  row("S13", "a port of a node is given twice", "host-port-exclusive", "only-so-much"),
  row("S14", "a node takes any number of a service", "neighbours-hold", "only-so-much"),
  row("S12", "volumes are mounted anywhere", "volumes-stay", "only-so-much"),
  row("S20", "tasks make room for their equals", "preemption-holds", "preemption"),
  row("S21", "tasks make room though they need not", "preemption-holds", "preemption"),
  row("B01", "moves are not counted", "moves-hold", "rebalance-after-return"),
  row("B02", "a task is stopped before it has moved", "moves-hold", "rebalance-after-return"),
  row("B03", "tasks are moved though nobody wants it", "moves-hold", "rebalance-after-return"),
  row("S11", "placement constraints are ignored", "placement-holds"),
  row(
    "S10",
    "a node that joins is not thought of for global services",
    "global-on-every-node",
    "global-nodes-come-and-go",
  ),
  row(
    "G01",
    "a global service takes any node, whatever its constraints",
    "placement-holds",
    "global-nodes-come-and-go",
  ),
  row(
    "D02",
    "what runs on a paused node is stopped",
    "pause-keeps-running",
    "global-nodes-come-and-go",
  ),
  row(
    "J01",
    "a job's slot that has completed is fresh again",
    "job-completes-once",
    "jobs-through-manager-crash",
  ),
  row(
    "J02",
    "a job begins all its tasks at once",
    "job-concurrency-holds",
    "jobs-through-manager-crash",
  ),
  row(
    "X04",
    "a replacement does not wait for its predecessor",
    "slot-not-doubled",
    "power-failure",
  ),
  row("U01", "one slot more than `parallelism`", "update-parallelism", lost),
  row("U01b", "parallelism 0 is taken for 1", "update-parallelism", "update-during-chaos"),
  row("U02", "start-first and stop-first are swapped", "update-order", lost),
  row("U03", "failures are not counted", "update-heeds-failures", "update-rolls-back"),
  row("U04", "a rollback is rolled back", "update-status-machine", "update-during-chaos"),
  row("U05", "the last slots are not monitored", "update-heeds-failures", lost),
  row("U06", "the delay between slots is ignored", "update-spacing", lost),
  row("U06b", "the delay counts from a slot's beginning", "update-spacing", lost),
  row(
    "U07",
    "a task lost with its node has failed",
    "update-heeds-failures",
    "update-during-chaos",
  ),
  row("U08", "any older version is replaced", "clean-task-kept", "update-rolls-back"),
  row(
    "U09",
    "the progress deadline is ignored",
    "progress-deadline-holds",
    "update-waits-for-its-user",
  ),
  row("C01", "a command is acknowledged before it is committed", "acknowledged-command-kept"),
  row("C02", "a network goes though services are in it", "references-hold", "overlay-network"),
  row("L01", "a leader answers reads without asking a quorum", "linearizable", "clients"),
  row("L03", "a leader refuses commands without asking a quorum", "linearizable", "clients"),
  row("O01", "a leader that was deposed goes on deciding", "single-leader-writes", "clients"),
  row("M01", "who is promoted votes at once", "learners-first", "manager-joins"),
  row(
    "M02",
    "a manager is removed without whom there is no quorum",
    "removal-keeps-quorum",
    "everyday-chaos",
  ),
  row("M03", "a leader that is demoted does not hand over", "leader-hands-over"),
  row("M04", "a node that was removed is let in again", "removed-stays-out", "node-removed"),
  row("M05", "a new cluster is forced beside one that works", "no-fork", "quorum-lost-recovered"),
  row(
    "A01",
    "a container that was lost in a crash is started again",
    "task-runs-once",
    "power-failure",
  ),
  row("A02", "what outlives its daemon is taken for lost", "address-exclusive", "daemons-killed"),
  row(
    "A03",
    "placeholders of what a node finds on its disk stay",
    "containers-match-tasks",
    "power-failure",
  ),
  row(
    "A04",
    "a container finds the first file of its node in each",
    "containers-match-tasks",
    "secret-rotated",
  ),
  row(
    "A05",
    "a node's disk does not say that a task is to stop",
    "stopped-stays-stopped",
    "stopped-while-its-engine-hangs",
  ),
  row("K01", "certificates are never renewed", "renewed-in-time", hour),
  row(
    "K02",
    "an expired certificate can't be renewed",
    "certificates-are-due",
    "certificate-expired-while-off",
  ),
  row("K03", "the workers' token makes managers", "certificates-are-due"),
  row(
    "K04",
    "roots are swapped before the last node has moved",
    "certificates-are-due",
    "root-rotated",
  ),
  row("K05", "certificates are renewed when they end", "renewed-in-time", hour),
  row("K06", "a worker's certificate does for a manager's message", "role-is-heeded", forged),
  row("K07", "a demoted manager's certificate is a manager's", "demotion-is-heeded", forged),
  row("K08", "expired certificates are let in", "expiry-is-heeded", forged),
  row("K09", "any node's certificate does for any node", "certificate-is-own", forged),
  row("K10", "any root's certificate does", "root-is-trusted", forged),
  row(
    "K11",
    "anybody's word of a newer incarnation is believed",
    "newer-incarnation-is-proven",
    forged,
  ),
  row("K12", "no certificate needs to be shown", "certificate-is-shown", forged),
  row("K13", "tokens are good after they were rotated", "tokens-hold", "join-token-rotated"),
  row(
    "K14",
    "what an authority outside answers is not looked at",
    "certificates-match-requests",
    "external-authority",
  ),
  row("K15", "no root's word is kept", "removal-is-believed", "removed-while-away"),
  row("K16", "certificates of former roots are good", "root-is-trusted", forged),
  row("K17", "a removed node's certificate is good", "removal-is-heeded", forged),
  row(
    "K18",
    "a leader stays whose calendar most do not share",
    "calendar-is-shared",
    "calendar-past-certificates",
  ),
  row("K19", "who is forgotten runs on", "forgotten-stops", "forgotten-while-away"),
  row(
    "K20",
    "a token of another root is tried without a word",
    "strangers-are-told",
    "join-token-rotated",
  ),
  row("N01", "routes to what has stopped stay", "routes-follow-tasks", "published-port"),
  row(
    "N02",
    "an address is free once its task is told to stop",
    "address-given-once",
    "overlay-network",
  ),
  row("N03", "a new leader takes all addresses for free", "address-given-once", "overlay-network"),
  row("N04", "nobody is told that a task begins to serve", "converges", "overlay-network"),
  row("N05", "addresses are never free again", "converges", "overlay-network"),
  row("N07", "ports are chosen that others have", "published-port-exclusive", "published-port"),
  row(
    "N08",
    "a port keeps the number of one that is like it",
    "published-port-exclusive",
    "published-port",
  ),
  row("N06", "names of what has stopped stay", "names-follow-tasks", "overlay-network"),
  row(
    "V01",
    "what is new begins when the managers speak it",
    "levels-are-spoken",
    "rolling-upgrade-of-the-cluster",
  ),
];

/** A bug in Raft, and who must see it in a world of nothing but Raft members. */
export interface RaftPlantedRow extends Omit<PlantedRow, "scenario"> {
  readonly world: RaftWorldKind;
}

/** Every bug that `core/raft` can be made to have. */
export const raftPlantedRows: readonly RaftPlantedRow[] = [
  inRaft("R01", "a vote is granted before it is on disk", "promises-are-durable"),
  inRaft("R02", "the term is not written to disk", "promises-are-durable"),
  inRaft("R03", "a second vote is granted in the same term", "promises-are-durable"),
  inRaft("R04", "votes are granted to candidates with older logs", "leader-completeness"),
  inRaft("R05", "one vote less than a majority elects", "election-safety"),
  inRaft("R06", "entries of earlier terms are committed by counting", "leaders-commit-own-terms"),
  inRaft("R07", "one disk less than a majority commits", "committed-is-durable"),
  inRaft("R08", "a leader counts itself before its own write", "committed-is-durable"),
  inRaft("R09", "entries are acknowledged before they are on disk", "promises-are-durable"),
  inRaft("R10", "a follower does not compare the term before new entries", "log-matching"),
  inRaft("R12", "a conflicting tail of the log is kept", "appends-are-taken"),
  inRaft("R14", "a leader overwrites its own entry", "leader-append-only"),
  inRaft("R16", "messages of earlier terms are accepted", "earlier-terms-are-ignored"),
  inRaft("R17", "a leader ignores later terms", "later-terms-win"),
  inRaft("R18", "election timeouts are all the same", "elects-in-time", "raft, in step"),
  inRaft("R19", "heartbeats do not put elections off", "terms-settle", "raft, safe reads"),
  inRaft("R20", "a new leader appends no empty entry", "commits-in-time"),
  inRaft("R21", "reads are served without asking a quorum", "reads-are-fresh"),
  inRaft("R22", "a lease is trusted for ever", "reads-are-fresh"),
  inRaft("R23", "a new leader serves reads before its first commit", "reads-are-fresh"),
  inRaft("R24", "a second change of membership does not wait for the first", "quorums-overlap"),
  inRaft("R25", "a new leader changes the membership at once", "quorums-overlap"),
  inRaft("R26", "only the new half of a joint quorum counts", "committed-is-durable"),
  inRaft("R27", "learners campaign", "only-voters-campaign"),
  inRaft("R28", "the disks of learners count", "committed-is-durable"),
  inRaft("R29", "a snapshot holds a later membership", "membership-agrees"),
  inRaft("R34", "a pre-vote changes the term", "pre-votes-are-pure"),
  inRaft("R36", "a leader never checks its quorum", "leaders-hear-quorums"),
  inRaft("R37", "a transfer never ends, and refuses nothing", "transfers-end"),
  inRaft("R39", "a snapshot that a learner lost is never sent again", "followers-catch-up"),
  inRaft("R42", "whoever was removed campaigns, without asking first", "terms-settle"),
];

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

function row(
  id: PlantedBug,
  change: string,
  caughtBy: string,
  scenario = "random-chaos",
): PlantedRow {
  return { id, change, caughtBy, scenario };
}

function inRaft(
  id: PlantedBug,
  change: string,
  caughtBy: string,
  world: RaftWorldKind = "raft",
): RaftPlantedRow {
  return { id, change, caughtBy, world };
}
