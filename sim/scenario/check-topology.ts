import { certExpiryLeast } from "../../core/control/cluster.ts";
import { overlaySettingsProblem } from "../../core/control/overlay-settings.ts";
import { newestLevel, speaks } from "../../core/model/level.ts";
import { leaseTicks } from "../../core/raft/reads.ts";
import type { PlannedMachine } from "../world/plan.ts";
import { overlaySettings, raftTiming } from "../world/plan.ts";
import { type Complaint, problemsAt, type ScenarioProblem } from "./check-problem.ts";
import { isReserved } from "./check-selectors.ts";
import type { NodePlan, Topology } from "./dsl.ts";
import { parseSpan } from "./units.ts";

const machinesMax = 10_000;
/** Each vote and each entry goes to all of them: more take minutes to simulate one. */
const managersMax = 100;
const nodeName = /^[a-z0-9](?:[a-z0-9-]*[a-z0-9])?$/i;

/** What is wrong with the machines before they are even laid out: it may be too many of them. */
export function sizeProblems(topology: Topology): ScenarioProblem[] {
  const managers = sizeOf(topology.managers);
  const total = managers + sizeOf(topology.workers);
  const where = "topology";
  if (managers === 0) {
    const reason = "managers: there is none";
    return [{ where, reason, help: "plan at least one: managers keep the cluster's state" }];
  }
  if (typeof topology.managers !== "number" && topology.managers.every(({ joins }) => joins)) {
    const reason = "managers: all of them join later";
    return [{ where, reason, help: "plan at least one that does not: it founds the cluster" }];
  }
  if (managers > managersMax) {
    const reason = `${managers} managers are too many`;
    return [{ where, reason, help: `plan at most ${managersMax}, and workers for the rest` }];
  }
  if (total <= machinesMax) return [];
  const reason = `${total} machines are too many`;
  return [{ where, reason, help: `plan at most ${machinesMax}` }];
}

function sizeOf(plans: number | readonly NodePlan[]): number {
  if (typeof plans === "number") return plans;
  return plans.reduce((sum, { count }) => sum + (count ?? 1), 0);
}

/** What is wrong with names, zones and Raft's timing. */
export function topologyProblems(
  topology: Topology,
  machines: readonly PlannedMachine[],
): ScenarioProblem[] {
  return [
    ...planProblems("topology.managers", topology.managers),
    ...planProblems("topology.workers", topology.workers),
    ...duplicates(machines),
    ...timingProblems(topology),
    ...leaseProblems(topology),
    ...certificateProblems(topology),
    ...addressProblems(topology),
  ];
}

function addressProblems(topology: Topology): ScenarioProblem[] {
  const { level = newestLevel, defaultAddressPool, subnetSize } = topology;
  const isAsked = defaultAddressPool !== undefined || subnetSize !== undefined;
  if (isAsked && !speaks({ level }, "overlays")) {
    const reason = `defaultAddressPool, subnetSize: a version of level ${level} has no overlays`;
    return [{ where: "topology", reason, help: "leave them out, or begin with a newer version" }];
  }
  const reason = overlaySettingsProblem(overlaySettings(topology));
  if (reason === null) return [];
  const help =
    "give defaultAddressPool blocks that have no address in common, and room for subnets";
  return [{ where: "topology", reason, help }];
}

function certificateProblems({ cluster }: Topology): ScenarioProblem[] {
  const { certExpiry } = cluster ?? {};
  if ((parseSpan(certExpiry ?? "1h") ?? certExpiryLeast) >= certExpiryLeast) return [];
  const reason = `cluster: certExpiry: ${certExpiry} is too short`;
  return [{ where: "topology", reason, help: "certificates are good for 1h at least" }];
}

function planProblems(list: string, plans: number | readonly NodePlan[]): ScenarioProblem[] {
  if (typeof plans === "number") return [];
  return plans.flatMap((plan, index) => problemsAt(`${list}[${index}]`, planComplaints(plan)));
}

function planComplaints({ name, count, zone, labels, joins, token }: NodePlan): Complaint[] {
  const found: Complaint[] = [];
  if (token !== undefined && joins !== true) {
    const reason = `token: ${token} is for a machine that joins later`;
    found.push({ reason, help: "add joins: true" });
  }
  if (name !== undefined) {
    if (!nodeName.test(name) || name.length > 63) {
      const help = "use letters, digits and hyphens, 63 at most";
      found.push({ reason: `name: ${JSON.stringify(name)} is not a host name`, help });
    } else if (isReserved(name)) {
      const reason = `name: "${name}" is a word that selects nodes`;
      found.push({ reason, help: "choose another name" });
    }
    if (count !== undefined) {
      const help = "leave out one: machines with a count are named for their number";
      found.push({ reason: "name and count do not go together", help });
    }
  }
  if (zone?.trim() === "") {
    found.push({ reason: "zone: is empty", help: "name the zone, or leave it out" });
  }
  if (zone !== undefined && labels?.zone !== undefined && labels.zone !== zone) {
    const reason = `zone: is "${zone}", but the label zone is "${labels.zone}"`;
    found.push({ reason, help: "leave out the label: the zone sets it" });
  }
  return found;
}

function duplicates(machines: readonly PlannedMachine[]): ScenarioProblem[] {
  const seen = new Set<string>();
  const twice = new Set<string>();
  for (const { name } of machines) {
    if (seen.has(name)) twice.add(name);
    seen.add(name);
  }
  return [...twice].map((name) => ({
    where: "topology",
    reason: `two nodes are named "${name}"`,
    help: "without a name, a node is called m1, m2, ... or w1, w2, ... by its place in its list",
  }));
}

function timingProblems(topology: Topology): ScenarioProblem[] {
  const { heartbeatTicks, electionTicks } = raftTiming(topology);
  if (electionTicks > heartbeatTicks) return [];
  const ticks = `${electionTicks} electionTicks are not more than ${heartbeatTicks} heartbeatTicks`;
  const help = "followers must wait for several heartbeats before they elect; Swarm has 10 and 1";
  return [{ where: "topology", reason: `raft: ${ticks}`, help }];
}

/** A margin that nothing looks at, or that leaves no lease: reads are not what is asked for. */
function leaseProblems(topology: Topology): ScenarioProblem[] {
  const { reads, maxClockDriftPpm, electionTicks } = raftTiming(topology);
  const where = "topology";
  if (reads === "safe") {
    if (topology.raft?.maxClockDriftPpm === undefined) return [];
    const reason = "raft: maxClockDriftPpm is for lease reads, and reads are safe";
    return [{ where, reason, help: 'add reads: "lease", or leave it out' }];
  }
  if (leaseTicks(electionTicks, maxClockDriftPpm) > 0) return [];
  const reason =
    `raft: ${electionTicks} electionTicks leave no lease ` +
    `where clocks may differ by ${maxClockDriftPpm} millionths`;
  const help = "every read would ask a quorum: plan more electionTicks, less drift or safe reads";
  return [{ where, reason, help }];
}
