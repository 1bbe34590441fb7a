import { assert } from "../core/base/assert.ts";
import type { Planted, PlantedBug } from "../core/base/planted.ts";

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

/** The ids are those used in the code; R is Raft, the rest is orchestration. */
export const plantedRows: readonly PlantedRow[] = [
  row("R01", "a vote is granted before it is on disk", "promises-are-durable"),
  row("R02", "the term is not written to disk", "promises-are-durable"),
  row("R03", "a second vote is granted in the same term", "promises-are-durable"),
  row("R04", "votes are granted to candidates with older logs", "leader-completeness"),
  row("R07", "one vote less than a majority is enough", "committed-is-durable"),
  row("R08", "a leader counts itself before its own write", "committed-is-durable"),
  row("R09", "entries are acknowledged before they are on disk", "promises-are-durable"),
  row("R12", "a conflicting tail of the log is kept", "log-matching"),
  row("R20", "a new leader appends no empty entry", "converges"),
  row("R22", "a lease is trusted for ever", "linearizable", "lease-reads"),
  row("R32", "a torn snapshot is accepted", "recovered-is-durable", "slow-disks"),
  row("R33", "damage in the middle is cut off", "recovered-is-durable", "damaged-disk"),
  row("O05", "one missed heartbeat makes a node down", "down-after-silence"),
  row("O06", "no node is ever called down", "converges"),
  row("O08", "a node keeps secrets for ever", "least-privilege", "secret-rotated"),
  row("O09", "every node is told every secret", "least-privilege", "secret-rotated"),
  row("O10", "what was asked to stop is wanted again", "desired-state-rises"),
  row(
    "D03",
    "the tasks of a node that is down for good are kept",
    "orphaned-in-time",
    "crash-loop",
  ),
  row("P02", "the reaper forgets tasks that run", "reaper-table", "crash-loop"),
  row("P03", "the reaper keeps a task too many", "history-bounded", "crash-loop"),
  row("X03", "what is done is started again", "restart-condition-holds", "crash-loop"),
  row("X05", "the restart attempts are not counted", "max-attempts-hold", "crash-loop"),
  row("X06", "restarts do not wait", "restart-delay-holds", "crash-loop"),
  row("X07", "services do not wait for others", "dependency-holds", "dependencies"),
  row("H01", "a task runs before it is healthy", "healthy-before-running", "unhealthy"),
  row("H02", "what is unhealthy goes on", "converges", "unhealthy"),
  row("S01", "parked tasks take no room", "capacity-not-exceeded", "worker-loss"),
  row("S02", "tasks that have stopped still take room", "converges"),
  row("S06", "tasks are given to nodes that are down or drained", "placement-holds"),
  row("S11", "placement constraints are ignored", "placement-holds"),
  row(
    "X04",
    "a replacement does not wait for its predecessor",
    "slot-not-doubled",
    "power-failure",
  ),
  row("C01", "a command is acknowledged before it is committed", "acknowledged-command-kept"),
  row("L01", "a leader answers reads without asking a quorum", "linearizable", "clients"),
  row("L03", "a leader refuses commands without asking a quorum", "linearizable", "clients"),
  row("A01", "a container that was lost in a crash is started again", "task-runs-once"),
  row(
    "K01",
    "certificates are never renewed",
    "certificates-are-due",
    "certificate-expired-while-off",
  ),
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
];

/** A bug in Raft, and who must see it in a world of nothing but Raft members. */
export type RaftPlantedRow = Omit<PlantedRow, "scenario">;

/** Every bug that `core/raft` can be made to have. */
export const raftPlantedRows: readonly RaftPlantedRow[] = [
  inRaft("R01", "a vote is granted before it is on disk", "promises-are-durable"),
  inRaft("R02", "the term is not written to disk", "promises-are-durable"),
  inRaft("R03", "a second vote is granted in the same term", "promises-are-durable"),
  inRaft("R04", "votes are granted to candidates with older logs", "leader-completeness"),
  inRaft("R06", "entries of earlier terms are committed by counting", "leader-completeness"),
  inRaft("R07", "one vote less than a majority is enough", "committed-is-durable"),
  inRaft("R08", "a leader counts itself before its own write", "committed-is-durable"),
  inRaft("R09", "entries are acknowledged before they are on disk", "promises-are-durable"),
  inRaft("R10", "a follower does not compare the term before new entries", "log-matching"),
  inRaft("R12", "a conflicting tail of the log is kept", "log-matching"),
  inRaft("R14", "a leader overwrites its own entry", "leader-append-only"),
  inRaft("R16", "messages of earlier terms are accepted", "earlier-terms-are-ignored"),
  inRaft("R17", "a leader ignores later terms", "later-terms-win"),
  inRaft("R18", "election timeouts are all the same", "elects-in-time"),
  inRaft("R19", "heartbeats do not put elections off", "terms-settle"),
  inRaft("R20", "a new leader serves reads before its first commit", "reads-are-fresh"),
  inRaft("R21", "reads are served without asking a quorum", "reads-are-fresh"),
  inRaft("R22", "a lease is trusted for ever", "reads-are-fresh"),
  inRaft("R24", "a second change of membership does not wait for the first", "quorums-overlap"),
  inRaft("R25", "a new leader changes the membership at once", "quorums-overlap"),
  inRaft("R26", "only the new half of a joint quorum counts", "committed-is-durable"),
  inRaft("R28", "learners count, and campaign", "only-voters-campaign"),
  inRaft("R29", "a snapshot holds a later membership", "membership-agrees"),
  inRaft("R34", "a pre-vote changes the term", "pre-votes-are-pure"),
  inRaft("R36", "a leader never checks its quorum", "leaders-hear-quorums"),
  inRaft("R37", "a transfer never ends, and refuses nothing", "transfers-end"),
  inRaft("R39", "a lost snapshot is never sent again", "followers-catch-up"),
  inRaft("R42", "whoever was removed campaigns, without asking first", "terms-settle"),
];

/** Makes one bug active in a run. Tests and the hunt for planted bugs use it, and nobody else. */
export function plant(id: string): Planted {
  assert(
    [...plantedRows, ...raftPlantedRows].some((known) => known.id === id),
    `${id} is a planted bug`,
  );
  return id as Planted;
}

function row(
  id: PlantedBug,
  change: string,
  caughtBy: string,
  scenario = "random-chaos",
): PlantedRow {
  return { id, change, caughtBy, scenario };
}

function inRaft(id: PlantedBug, change: string, caughtBy: string): RaftPlantedRow {
  return { id, change, caughtBy };
}
