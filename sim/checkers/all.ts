import { AddressExclusive, AddressGivenOnce } from "./addresses.ts";
import { AssignmentsComplete } from "./assignments-complete.ts";
import { CalendarIsShared } from "./calendar-is-shared.ts";
import { CertificatesAreDue } from "./certificates-are-due.ts";
import { CertificatesMatchRequests } from "./certificates-match-requests.ts";
import type { CheckedWorld, Checker } from "./checker.ts";
import { Exclusive, hostPortsOf, namedResourcesOf } from "./claims.ts";
import { CommandsKept } from "./commands-kept.ts";
import { CommittedIsDurable } from "./committed-is-durable.ts";
import { ContainersFollowTasks } from "./containers-follow-tasks.ts";
import { ContainersMatchTasks } from "./containers-match-tasks.ts";
import { DependencyHolds } from "./dependency-holds.ts";
import { DownAfterSilence } from "./down-after-silence.ts";
import { DrainEmpties } from "./drain-empties.ts";
import { ElectionSafety } from "./election-safety.ts";
import { forgeriesAreRefused } from "./forgeries.ts";
import { ForgottenStops } from "./forgotten-stops.ts";
import { GlobalOnEveryNode } from "./global-on-every-node.ts";
import { HealthyBeforeRunning } from "./healthy-before-running.ts";
import { JobCompletesOnce, JobConcurrencyHolds } from "./jobs.ts";
import { LeaderAppendOnly } from "./leader-append-only.ts";
import { LeaderCompleteness } from "./leader-completeness.ts";
import { LeastPrivilege } from "./least-privilege.ts";
import { LevelsAreSpoken } from "./levels-are-spoken.ts";
import { LoadIsSum } from "./load-is-sum.ts";
import { membershipRules } from "./membership-rules.ts";
import { MisfitsLeave } from "./misfits-leave.ts";
import { MovesHold } from "./moves-hold.ts";
import { NeighboursHold } from "./neighbours.ts";
import { NoFork } from "./no-fork.ts";
import { OnlyVotersCampaign } from "./only-voters-campaign.ts";
import { OrphanedInTime } from "./orphaned-in-time.ts";
import { ParkedIsStarted } from "./parked-is-started.ts";
import { PauseKeepsRunning } from "./pause-keeps-running.ts";
import { CapacityNotExceeded, PlacementHolds } from "./placement.ts";
import { PreemptionHolds } from "./preemption-holds.ts";
import { ProgressDeadlineHolds } from "./progress-deadline-holds.ts";
import { PromisesAreDurable } from "./promises-are-durable.ts";
import { PublishedPortExclusive } from "./published-port-exclusive.ts";
import { QuorumsOverlap } from "./quorums-overlap.ts";
import { RaftLogs } from "./raft-logs.ts";
import { HistoryBounded, ReaperTable } from "./reaper.ts";
import { RecoveredIsDurable } from "./recovered-is-durable.ts";
import { ReferencesHold } from "./references-hold.ts";
import { RemovalIsBelieved } from "./removal-is-believed.ts";
import { RemovedStaysOut } from "./removed-stays-out.ts";
import { RenewedInTime } from "./renewed-in-time.ts";
import { MaxAttemptsHold, RestartConditionHolds, RestartDelayHolds, Restarts } from "./restarts.ts";
import { SessionsFollowTerms } from "./sessions-follow-terms.ts";
import { SilentEngineIsDown } from "./silent-engine-is-down.ts";
import { SingleWriter } from "./single-writer.ts";
import { SlotTasks } from "./slot-tasks.ts";
import { SlotNotDoubled, TaskRunsOnce } from "./slots.ts";
import { SpreadHolds } from "./spread-holds.ts";
import { StateMachineSafety } from "./state-machine-safety.ts";
import { StoppedForAReason } from "./stopped-for-a-reason.ts";
import { StoppedStaysStopped } from "./stopped-stays-stopped.ts";
import { StrangersAreTold } from "./strangers-are-told.ts";
import { SubnetsApart } from "./subnets-apart.ts";
import { SurplusLeaves } from "./surplus-leaves.ts";
import { DesiredStateRises, TaskStatesAdvance } from "./task-states.ts";
import { TimeKeepsPace } from "./time-keeps-pace.ts";
import { TokensHold } from "./tokens-hold.ts";
import { UnhealthyIsStopped } from "./unhealthy-is-stopped.ts";
import { CleanTaskKept, UpdateOrder } from "./update-order.ts";
import { UpdateParallelism, UpdateSpacing } from "./update-pace.ts";
import { UpdateHeedsFailures, UpdateStatusMachine } from "./update-status.ts";
import { VolumeDrainEmpties } from "./volume-drain-empties.ts";
import { VolumesStay } from "./volumes-stay.ts";
import { WaitingHasAReason } from "./waiting-has-a-reason.ts";
import { names, routes, WaysFollowTasks } from "./ways-follow-tasks.ts";

/** Every safety property, in the order in which they look: the most basic one first. */
export function allCheckers(world: CheckedWorld): Checker[] {
  return [
    ...ofRaft(world),
    ...ofTasks(world),
    ...ofUpdates(world),
    ...ofRestarts(world),
    ...ofNodes(world),
    ...ofCertificates(world),
    ...ofWhatTasksUse(world),
    ...ofMembership(world),
    ...ofStrangers(world),
  ];
}

function ofRaft({ hosts }: CheckedWorld): Checker[] {
  const logs = new RaftLogs(hosts);
  return [
    new ElectionSafety(),
    new LeaderAppendOnly(),
    logs,
    new LeaderCompleteness(logs),
    new StateMachineSafety(logs),
    new CommittedIsDurable(hosts, logs),
    new PromisesAreDurable(),
    new RecoveredIsDurable(),
  ];
}

/** Their states, and where they are placed. */
function ofTasks({ kernel, history }: CheckedWorld): Checker[] {
  return [
    new ReaperTable(),
    new TaskStatesAdvance(),
    new DesiredStateRises(),
    new LoadIsSum(),
    new CapacityNotExceeded(),
    new PlacementHolds(),
    new Exclusive(
      "named-resource-exclusive",
      "SwarmKit api/genericresource: a named resource is claimed by one task",
      namedResourcesOf,
    ),
    new Exclusive("host-port-exclusive", "SwarmKit scheduler HostPortFilter", hostPortsOf),
    new PublishedPortExclusive(),
    new VolumesStay(),
    new NeighboursHold(history),
    new WaitingHasAReason(kernel, history),
    new SpreadHolds(history),
    new PreemptionHolds(history),
    new MovesHold(history),
    new SlotNotDoubled(history),
    new SurplusLeaves(history),
    new JobCompletesOnce(history),
    new JobConcurrencyHolds(history),
  ];
}

function ofUpdates(world: CheckedWorld): Checker[] {
  const { kernel, history } = world;
  return [
    new UpdateStatusMachine(),
    new UpdateParallelism(world),
    new UpdateSpacing(history),
    new UpdateOrder(history),
    new UpdateHeedsFailures(history),
    new ProgressDeadlineHolds(kernel, history),
    new CleanTaskKept(history),
  ];
}

/** Which tasks follow others, and which of those that were are still known. */
function ofRestarts({ kernel, history }: CheckedWorld): Checker[] {
  const slotTasks = new SlotTasks();
  const restarts = new Restarts(slotTasks);
  return [
    new RestartConditionHolds(restarts),
    new MaxAttemptsHold(restarts),
    new RestartDelayHolds(history, restarts),
    new DependencyHolds(history),
    new HealthyBeforeRunning(),
    new HistoryBounded(kernel, history, slotTasks),
    new OrphanedInTime(kernel, history),
    new ParkedIsStarted(kernel, history),
  ];
}

/** What their machines run, who is drained or paused, and who is called down. */
function ofNodes(world: CheckedWorld): Checker[] {
  const { kernel, hosts, history } = world;
  return [
    new TaskRunsOnce(hosts),
    new StoppedStaysStopped(hosts),
    new PauseKeepsRunning(history),
    new DrainEmpties(kernel, history),
    new VolumeDrainEmpties(kernel, history),
    new MisfitsLeave(kernel, history),
    new UnhealthyIsStopped(kernel, history),
    new GlobalOnEveryNode(world),
    new CommandsKept(history),
    new DownAfterSilence(world),
    new SilentEngineIsDown(world),
    new SessionsFollowTerms(),
    new TimeKeepsPace(world),
    new StoppedForAReason(history),
  ];
}

function ofCertificates(world: CheckedWorld): Checker[] {
  return [
    new CertificatesAreDue(world),
    new CertificatesMatchRequests(world.history),
    new RenewedInTime(world),
    new TokensHold(world),
    new LeastPrivilege(),
  ];
}

/** Files, networks, addresses; and that agents know, and do, just what is theirs. */
function ofWhatTasksUse(world: CheckedWorld): Checker[] {
  const { kernel, history } = world;
  return [
    new ReferencesHold(history),
    new WaysFollowTasks(routes, kernel, history),
    new WaysFollowTasks(names, kernel, history),
    new SubnetsApart(history),
    new AddressGivenOnce(history),
    new AddressExclusive(world),
    new AssignmentsComplete(),
    new ContainersFollowTasks(world),
    new ContainersMatchTasks(world),
  ];
}

function ofMembership(world: CheckedWorld): Checker[] {
  return [
    new SingleWriter(),
    new OnlyVotersCampaign(),
    new QuorumsOverlap(world.hosts),
    ...membershipRules(),
    new NoFork(world),
    new RemovedStaysOut(),
    new RemovalIsBelieved(world),
  ];
}

/** Of nodes that are not, or no longer, in the cluster or of its version, or that only pretend. */
function ofStrangers(world: CheckedWorld): Checker[] {
  return [
    new ForgottenStops(world),
    new StrangersAreTold(world),
    new CalendarIsShared(world),
    new LevelsAreSpoken(world),
    ...forgeriesAreRefused(),
  ];
}
