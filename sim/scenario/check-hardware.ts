import { defaultClusterSpec } from "../../core/model/cluster.ts";
import type { PlannedMachine } from "../world/plan.ts";
import { certLives } from "./chaos-words.ts";
import type { Complaint } from "./check-problem.ts";
import { selection } from "./check-selectors.ts";
import type { Action, Chaos, Topology } from "./dsl.ts";
import type { Follower } from "./step-moment.ts";
import { parseSpan, span, spanText } from "./units.ts";

/** What is undone by which step, and what chaos may have done before. */
const undone = {
  "free-disk": { by: "fill-disk", chaos: "fullDisks", what: "a full disk" },
  "free-daemon": { by: "hang-daemon", chaos: "daemonHangs", what: "a daemon that hangs" },
} as const;

/** Follows disks, clocks and daemons, as far as steps depend on one another. */
export function followHardware(
  machines: readonly PlannedMachine[],
  topology: Topology,
  chaos: Chaos | undefined,
): Follower {
  const begun = { "fill-disk": new Set<string>(), "hang-daemon": new Set<string>() };
  const managers = machines.filter(({ role, joins }) => role === "manager" && !joins);
  return {
    follow(action, moment) {
      switch (action.do) {
        case "fill-disk":
        case "hang-daemon":
          for (const node of selection(action.nodes, machines).nodes) begun[action.do].add(node);
          return [];
        case "free-disk":
        case "free-daemon": {
          const { by, chaos: kind, what } = undone[action.do];
          const { nodes } = selection(action.nodes, machines);
          const mayBe = moment.inChaos && chaos?.[kind] !== undefined;
          if (mayBe || nodes.some((node) => begun[by].has(node))) return [];
          return [{ reason: `no node of "${action.nodes}" has ${what}`, help: `${by} it before` }];
        }
        case "wipe-disk":
        case "leave":
          return managers.length > 1 ? [] : onlyManager(action, machines);
        case "jump-clock":
        case "freeze":
          return readsOnLease(topology) ? [{ reason: trusts, help: leaseHelp }] : [];
        default:
          return [];
      }
    },
  };
}

/** What chaos asks of the clocks. */
export function clockProblems(chaos: Chaos, topology: Topology): Complaint[] {
  const unsteady = (["clockJumps", "freezes"] as const).filter(
    (kind) => chaos[kind] !== undefined && readsOnLease(topology),
  );
  const skew = parseSpan(chaos.clockSkew?.[1] ?? "0s") ?? 0;
  const most = skewMost(topology, chaos.commands !== undefined);
  return [
    ...unsteady.map((kind) => ({ reason: `${kind}: ${trusts}`, help: leaseHelp })),
    ...(skew > most ? [tooSkew(most)] : []),
  ];
}

/**
 * How far off a calendar may be, in microseconds: a fifth of a certificate's life is left when it
 * is renewed at the latest, and one calendar may be ahead where another one is behind. Users may
 * shorten that life.
 */
export function skewMost({ cluster }: Topology, hasUsers: boolean): number {
  const life = parseSpan(cluster?.certExpiry ?? "") ?? defaultClusterSpec.nodeCertExpiry;
  return Math.floor((hasUsers ? Math.min(life, span(certLives[0])) : life) / 10);
}

function tooSkew(most: number): Complaint {
  const reason = "clockSkew: with clocks so wrong nobody can say which certificates are good";
  return { reason, help: `a tenth of their life is the most: ${spanText(most)}` };
}

const trusts = "lease reads trust in clocks that neither leap nor stand still";
const leaseHelp = 'leave that out, or let topology.raft.reads be "safe"';

function readsOnLease({ raft }: Topology): boolean {
  return raft?.reads === "lease";
}

function onlyManager(
  { nodes }: Extract<Action, { do: "wipe-disk" | "leave" }>,
  machines: readonly PlannedMachine[],
): Complaint[] {
  const wiped = selection(nodes, machines).nodes;
  const takesManager = machines.some(
    ({ name, role }) => role === "manager" && wiped.includes(name),
  );
  if (!takesManager) return [];
  const reason = "the only manager loses all that the cluster knows";
  return [{ reason, help: "plan more managers, or leave it to a worker" }];
}
