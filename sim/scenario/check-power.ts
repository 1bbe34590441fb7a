import type { PlannedMachine } from "../world/plan.ts";
import { type Complaint, listed } from "./check-problem.ts";
import { type Selection, selection } from "./check-selectors.ts";
import type { Action, Chaos, Selector } from "./dsl.ts";
import type { Follower, StepMoment } from "./step-moment.ts";

type Power = "up" | "paused" | "down";
type PowerAction = "crash" | "kill" | "restart" | "pause" | "freeze" | "resume";

/** After these a node may be down at any time, and up again. */
const unsettling: ReadonlySet<Action["do"]> = new Set([
  ...(["crash-loop", "disk", "fail-sync", "fill-disk", "wipe-disk", "leave"] as const),
  ...(["downgrade"] as const),
]);

interface Effect {
  /** The states from which it takes a node; the first is the one that is asked for. */
  readonly from: readonly [Power, ...Power[]];
  readonly to: Power;
  readonly help: string;
}

const effects: Readonly<Record<PowerAction, Effect>> = {
  crash: {
    ...{ from: ["up", "paused"], to: "down" },
    help: "crash a node that is up, or restart it before",
  },
  kill: {
    ...{ from: ["up", "paused"], to: "down" },
    help: "kill the daemon of a node that is up, or restart it before",
  },
  restart: {
    ...{ from: ["down"], to: "up" },
    help: 'crash it before, or restart nodes by name, or "all"',
  },
  pause: {
    ...{ from: ["up"], to: "paused" },
    help: "pause a node that is up, or restart or resume it before",
  },
  freeze: {
    ...{ from: ["up"], to: "paused" },
    help: "freeze a node that is up, or restart or resume it before",
  },
  resume: { from: ["paused"], to: "up", help: "pause or freeze it before" },
};

/**
 * Follows which nodes are up. Of each node it knows every state that it may be in, and it objects
 * only where an action can't concern any of the nodes that it may mean.
 */
export function followPower(
  machines: readonly PlannedMachine[],
  chaos: Chaos | undefined,
): Follower {
  const states = new Map(
    machines.map(({ name, joins }) => [name, new Set<Power>([joins ? "down" : "up"])]),
  );
  const unsettled = new Set<string>();
  const isUnsure = ({ inChaos, isHealed }: StepMoment) =>
    isHealed || (inChaos && powerFaults.some((fault) => chaos?.[fault] !== undefined));
  return {
    follow(action, moment) {
      if (unsettling.has(action.do) && "nodes" in action) {
        for (const node of selection(action.nodes, machines).nodes) unsettled.add(node);
      }
      if (!isPowerAction(action)) return [];
      for (const node of unsettled) states.get(node)?.add("down").add("up");
      const selected = selection(action.nodes, machines);
      if (selected.nodes.length === 0) return [];
      const problem = isUnsure(moment) ? null : objection(states, selected, action);
      apply(states, selected, action.do);
      return problem === null ? [] : [problem];
    },
  };
}

const powerFaults = [
  ...(["crashes", "kills", "crashLoops", "pauses", "freezes"] as const),
  ...(["diskFailures", "fullDisks", "diskDamage", "quorumLosses", "departures"] as const),
] as const;

function isPowerAction(action: Action): action is Action & { do: PowerAction; nodes: Selector } {
  return action.do in effects;
}

type States = ReadonlyMap<string, Set<Power>>;

function objection(
  states: States,
  selected: Selection,
  action: { do: PowerAction; nodes: Selector },
): Complaint | null {
  const drawn = reachable(selected, action.do);
  const possible = selected.nodes.some((node) =>
    drawn.some((state) => states.get(node)?.has(state)),
  );
  if (possible) return null;
  const { from, help } = effects[action.do];
  const [wanted] = from;
  if (drawn.length === 0) {
    return { reason: `nodes: "${action.nodes}" is always a node that is up`, help };
  }
  const [only] = selected.nodes;
  const reason =
    selected.nodes.length === 1 && only !== undefined
      ? `${only} is not ${wanted}: it is ${listed([...(states.get(only) ?? [])], "or")}`
      : `none of "${action.nodes}" is ${wanted}`;
  return { reason, help };
}

/** The states in which a node can be selected and also be changed by the action. */
function reachable({ kind }: Selection, action: PowerAction): Power[] {
  const selectable: readonly Power[] =
    kind === "one" ? ["up"] : kind === "leader" ? ["up", "paused"] : ["up", "paused", "down"];
  return effects[action].from.filter((state) => selectable.includes(state));
}

function apply(states: States, selected: Selection, action: PowerAction): void {
  const certain = selected.kind === "set" || (selected.kind === "one" && selected.nodes.length < 2);
  const { to } = effects[action];
  for (const node of selected.nodes) {
    const known = states.get(node);
    const left = reachable(selected, action).filter((state) => known?.has(state));
    if (known === undefined || left.length === 0) continue;
    if (certain) for (const state of left) known.delete(state);
    known.add(to);
  }
}
