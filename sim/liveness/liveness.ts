import { isEqual } from "../../core/base/equal.ts";
import { type ClusterSpec, isRemoved, pingEvery } from "../../core/model/cluster.ts";
import { isIngress } from "../../core/model/ingress.ts";
import { roleOfToken } from "../../core/model/join-token.ts";
import { hasProven, type Node } from "../../core/model/node.ts";
import { isJob, type Service } from "../../core/model/service.ts";
import { TaskState } from "../../core/model/task-state.ts";
import type { UpdateConfig } from "../../core/model/update-config.ts";
import type { RaftTiming } from "../../core/node/config.ts";
import type { StoreView } from "../../core/store/view.ts";
import { programOf } from "../ports/program.ts";
import type { Host } from "../world/host.ts";
import { containerDefaults, enginePartsOf } from "../world/plan.ts";
import { leaderOf } from "../world/selectors.ts";
import type { SettledServices } from "./settled-services.ts";
import { atOnce, tasksOn } from "./wanted.ts";
import { wrongOverlays } from "./wanted-overlays.ts";
import { wrongRoutes } from "./wanted-routes.ts";

/** What must come true once the last fault is over, and where it stands. */
export interface LiveWorld {
  readonly managers: readonly Host[];
  /** The machines that are healed: a majority of the managers, and workers with enough room. */
  readonly core: readonly Host[];
  readonly view: StoreView;
  /** Everything that users asked for has been answered. */
  readonly isAnswered: boolean;
}

/**
 * Why the cluster is not yet in its desired state, or null when it is: one leader, which is healed
 * or bad for containers only, that all healed managers follow to the same index; and of each
 * service exactly the wanted tasks really running on healed machines, with nothing else running
 * there, behind the ports that they publish, and in their overlays.
 */
export function unsettled(world: LiveWorld, services: SettledServices): string | null {
  const { core, view } = world;
  return (
    unsettledRaft(world) ??
    unsettledRoles(world) ??
    unsettledCertificates(world) ??
    untoldParts(world) ??
    services.problem(core, view) ??
    unsettledMachines(world) ??
    wrongRoutes(core, view, services.routes(core, view)) ??
    wrongOverlays(core, view, services.overlays(core, view))
  );
}

function unsettledRaft({ managers, core, view, isAnswered }: LiveWorld): string | null {
  const leader = leaderOf(managers);
  if (leader === null || !(core.includes(leader) || leader.executor.isHung)) {
    return "there is no leader";
  }
  if (leader.node?.member?.isManaging !== true) {
    return `the leader ${leader.name} has committed no entry of its term`;
  }
  if (!isAnswered) return "a command is not answered";
  for (const host of core) {
    const member = host.node?.member;
    if (member === undefined || member === null || isRemoved(view.cluster, host.name)) continue;
    if (member.store.index === view.index && member.raft.lastIndex === view.index) continue;
    return `${host.name} has applied ${member.store.index} of ${view.index} entries`;
  }
  return null;
}

/** Future managers vote. A node that is to leave may have to stay, for the sake of a quorum. */
function unsettledRoles({ managers, core, view }: LiveWorld): string | null {
  const voters = leaderOf(managers)?.raft?.membership.voters ?? [];
  for (const host of core) {
    const { name } = host;
    const node = view.nodes.get(name);
    if (node?.spec.desiredRole !== "manager" || voters.includes(node.raftId ?? "")) continue;
    if (isShutOut(host, view)) continue;
    return `${name} is to be a manager, and does not vote`;
  }
  return null;
}

/** A rotation of the root ends once every node that there is can take part in it. */
function unsettledCertificates({ core, view }: LiveWorld): string | null {
  const taking = core.filter((host) => !isShutOut(host, view));
  const names = new Set(taking.map((host) => host.name));
  const ca = view.cluster?.ca ?? null;
  const isComplete = [...view.nodes.keys()].every((id) => names.has(id));
  if (ca !== null && ca.rotation !== null && isComplete) return "the root is being rotated";
  for (const { name, node, clock, signer } of taking) {
    const stored = view.nodes.get(name);
    if (isRemoved(view.cluster, name) || (stored === undefined && isKnown(node))) continue;
    const isManager = stored?.role === "manager";
    const key = isManager ? (view.cluster?.lock.key ?? null) : null;
    if (signer.held.lock.key !== key) return `${name} keeps what it keeps under another key`;
    const certificate = node?.identity.certificate ?? null;
    if (certificate === null) return `${name} has no certificate`;
    if (certificate.notAfter < clock.calendar()) return `the certificate of ${name} has expired`;
    if (ca?.rotation === null && certificate.issuer !== ca.root.digest) {
      return `the certificate of ${name} is of another root`;
    }
  }
  return null;
}

/** True for a node that the cluster has let in, and knows no more if it is not in the store. */
function isKnown(node: Host["node"]): boolean {
  return (node?.identity.certificate ?? null) !== null;
}

/**
 * True for a machine without a certificate whose token is no good. Who was let in, and has not
 * heard of it before its token was changed, needs the new one.
 */
function isShutOut({ name, node, signer }: Host, { cluster, nodes }: StoreView): boolean {
  const member = nodes.get(name);
  if ((node?.identity.certificate ?? null) !== null) return false;
  if (member !== undefined && hasProven(member)) return false;
  const ca = cluster?.ca ?? null;
  return ca === null || roleOfToken(ca.joinTokens, signer.token ?? "") === null;
}

/** What a machine has come to have while it was up is known. */
function untoldParts({ core, view }: LiveWorld): string | null {
  for (const { name, config } of core) {
    const known = view.nodes.get(name)?.description;
    if (known === undefined) continue;
    const isKnown = isEqual(enginePartsOf(known), enginePartsOf(config.description));
    if (!isKnown) return `nobody knows what ${name} has`;
  }
  return null;
}

/** What runs on a machine is what the store says, no more and no less. */
function unsettledMachines({ core, view }: LiveWorld): string | null {
  for (const { name, executor } of core) {
    let stored = 0;
    for (const task of view.tasksOnNode(name).values()) {
      if (task.status.state !== TaskState.RUNNING) continue;
      if (!executor.runsWell(task.id)) return `${task.name} does not run on ${name}, as stored`;
      stored += 1;
    }
    const running = executor.running();
    if (running.length === stored) continue;
    const isStored = (id: string) =>
      view.tasksOnNode(name).get(id)?.status.state === TaskState.RUNNING;
    const task = running.find((id) => !isStored(id));
    return `a container of task ${task} still runs on ${name}`;
  }
  return null;
}

/** Rounds of elections that are allowed for: all of them split less often than once in 10^6. */
const electionRounds = 6;
/** SwarmKit's longest wait for a task that does not stop, and the longest pause of an agent. */
const oldTaskTimeout = 60_000_000;
const agentBackoff = 8_000_000;
const registerTimeout = 5_000_000;
/** How long an agent leaves a task running that others may still connect to. */
const lingerFor = 500_000;
/** The longest pause of a node whose certificate is not good. */
const certificateBackoff = 30_000_000;
/** An exponential delay exceeds this many means less often than once in 10^10. */
const tail = 24;

/**
 * The longest that recovery may take, in microseconds, computed from what was configured: elect a
 * leader, hear of every node or call it down, answer what users ask, then restart or replace every
 * task, update by update.
 */
export function livenessBound(
  timing: RaftTiming,
  cluster: ClusterSpec,
  services: readonly Service[],
  nodes: readonly Node[],
  openCommands: number,
): number {
  const leader = leaderBound(timing);
  const { heartbeatPeriod, heartbeatGrace, engineTimeout, drain } = cluster;
  const grace = heartbeatGrace * heartbeatPeriod;
  const missing = Math.max(2 * grace, timing.electionTicks * timing.tickInterval + grace);
  const hearing = missing + 2 * (registerTimeout + agentBackoff);
  const commands = (1 + openCommands) * 60_000_000;
  const settle = services.reduce((longest, each) => Math.max(longest, settleTime(each, nodes)), 0);
  const chain = services.filter(({ waitsFor }) => waitsFor.length > 0).length + 1;
  const isDraining = nodes.some(({ spec }) => spec.availability === "drain");
  const drained = isDraining ? drain.patience : 0;
  const silence = engineTimeout + pingEvery + 2 * heartbeatPeriod;
  return leader + hearing + silence + commands + drained + oldTaskTimeout + chain * settle;
}

/** The longest that it may take until every healed node has a certificate that is good. */
export function certificateBound(timing: RaftTiming, { heartbeatPeriod }: ClusterSpec): number {
  return leaderBound(timing) + 2 * certificateBackoff + heartbeatPeriod;
}

function leaderBound({ electionTicks, tickInterval }: RaftTiming): number {
  return (1 + electionRounds) * 2 * electionTicks * tickInterval;
}

function settleTime({ spec }: Service, nodes: readonly Node[]): number {
  const { pullMean, createMean, startMean, stopMean, healthyMean } = containerDefaults;
  const { restart, container } = spec.task;
  const healthy = container.health === null ? 0 : healthyMean;
  const start = tail * (pullMean + createMean + startMean + healthy);
  const isReached = spec.endpoint.ports.some(isIngress) || spec.task.networks.length > 0;
  const linger = isReached ? lingerFor : 0;
  const stop = linger + Math.min(container.stopGracePeriod, tail * stopMean);
  const tasks = tasksOn(spec, nodes);
  const again = Math.max(restart.delay, restart.maxDelay) + start;
  if (isJob(spec)) {
    const { runsFor, failuresPerMillion } = programOf(container.env);
    const attempt = start + stop + (runsFor?.[1] ?? 0) + restart.delay;
    return (
      (1 + Math.ceil(tasks / Math.max(1, atOnce(spec, nodes)))) *
      attempts(failuresPerMillion) *
      attempt
    );
  }
  const rollOut = ({ parallelism, delay, monitor }: UpdateConfig): number => {
    const batches = parallelism === 0 ? 1 : Math.ceil(tasks / parallelism);
    return batches * (stop + delay + start) + monitor;
  };
  const deadlines = spec.update.progressDeadline + spec.rollback.progressDeadline;
  return 2 * again + rollOut(spec.update) + rollOut(spec.rollback) + deadlines;
}

/** A program fails this many times in a row less often than once in 10^10. */
function attempts(failuresPerMillion: number): number {
  let count = 1;
  for (let chance = failuresPerMillion / 1e6; chance > 1e-10 && count < 100; count += 1) {
    chance *= failuresPerMillion / 1e6;
  }
  return count;
}
