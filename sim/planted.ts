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
  row("R32", "a torn snapshot is accepted", "recovered-is-durable", "slow-disks"),
  row("R33", "damage in the middle is cut off", "recovered-is-durable", "damaged-disk"),
  row("O05", "one missed heartbeat makes a node down", "down-after-silence"),
  row("O06", "no node is ever called down", "converges"),
  row("O10", "what was asked to stop is wanted again", "desired-state-rises"),
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
];

/** Makes one bug active in a run. Tests and the hunt for planted bugs use it, and nobody else. */
export function plant(id: string): Planted {
  assert(
    plantedRows.some((known) => known.id === id),
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
