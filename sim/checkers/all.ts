import { CertificatesAreDue } from "./certificates-are-due.ts";
import type { CheckedWorld, Checker } from "./checker.ts";
import { CommandsKept } from "./commands-kept.ts";
import { CommittedIsDurable } from "./committed-is-durable.ts";
import { DependencyHolds } from "./dependency-holds.ts";
import { DownAfterSilence } from "./down-after-silence.ts";
import { ElectionSafety } from "./election-safety.ts";
import { HealthyBeforeRunning } from "./healthy-before-running.ts";
import { LeaderAppendOnly } from "./leader-append-only.ts";
import { LeaderCompleteness } from "./leader-completeness.ts";
import { LeastPrivilege } from "./least-privilege.ts";
import { OrphanedInTime } from "./orphaned-in-time.ts";
import { CapacityNotExceeded, PlacementHolds } from "./placement.ts";
import { PromisesAreDurable } from "./promises-are-durable.ts";
import { RaftLogs } from "./raft-logs.ts";
import { HistoryBounded, ReaperTable } from "./reaper.ts";
import { RecoveredIsDurable } from "./recovered-is-durable.ts";
import { MaxAttemptsHold, RestartConditionHolds, RestartDelayHolds } from "./restarts.ts";
import { SlotNotDoubled, TaskRunsOnce } from "./slots.ts";
import { StateMachineSafety } from "./state-machine-safety.ts";
import { DesiredStateRises, TaskStatesAdvance } from "./task-states.ts";

/** Every safety property, in the order in which they look: the most basic one first. */
export function allCheckers(world: CheckedWorld): Checker[] {
  const logs = new RaftLogs(world.hosts);
  return [
    new ElectionSafety(),
    new LeaderAppendOnly(),
    logs,
    new LeaderCompleteness(logs),
    new StateMachineSafety(logs),
    new CommittedIsDurable(world.hosts, logs),
    new PromisesAreDurable(),
    new RecoveredIsDurable(),
    new TaskStatesAdvance(),
    new DesiredStateRises(),
    new CapacityNotExceeded(),
    new PlacementHolds(),
    new SlotNotDoubled(world.history),
    new RestartConditionHolds(world.history),
    new MaxAttemptsHold(world.history),
    new RestartDelayHolds(world.history),
    new DependencyHolds(world.history),
    new HealthyBeforeRunning(),
    new ReaperTable(),
    new HistoryBounded(world.kernel, world.history),
    new OrphanedInTime(world.kernel, world.history),
    new TaskRunsOnce(world.hosts.map((host) => host.name)),
    new CommandsKept(),
    new DownAfterSilence(world),
    new CertificatesAreDue(world),
    new LeastPrivilege(),
  ];
}
