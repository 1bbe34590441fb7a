import type { Machine } from "../world/plan.ts";
import type { Follower, Moment } from "./check-moment.ts";
import { listed, type ScenarioProblem } from "./check-problem.ts";
import { type Selection, selection } from "./check-selectors.ts";
import type { Action, Chaos, Selector } from "./dsl.ts";

type Power = "up" | "paused" | "down";
type PowerAction = "crash" | "kill" | "restart" | "pause" | "resume";

/** After these a node may be down at any time, and up again. */
const unsettling: ReadonlySet<Action["do"]> = new Set([
  ...(["crash-loop", "disk", "fail-sync", "fill-disk", "wipe-disk", "downgrade"] as const),
]);

/** From which states an action takes a node, and to which. */
const effects: Readonly<Record<PowerAction, { from: readonly Power[]; to: Power }>> = {
  crash: { from: ["up", "paused"], to: "down" },
  kill: { from: ["up", "paused"], to: "down" },
  restart: { from: ["down"], to: "up" },
  pause: { from: ["up"], to: "paused" },
  resume: { from: ["paused"], to: "up" },
};

const wantedStates: Readonly<Record<PowerAction, string>> = {
  crash: "up",
  kill: "up",
  restart: "down",
  pause: "up",
  resume: "paused",
};

const helps: Readonly<Record<PowerAction, string>> = {
  crash: "crash a node that is up, or restart it before",
  kill: "kill the daemon of a node that is up, or restart it before",
  restart: 'crash it before, or restart nodes by name, or "all"',
  pause: "pause a node that is up, or restart or resume it before",
  resume: "pause it before",
};

/**
 * Follows which nodes are up. Of each node it knows every state that it may be in, and it objects
 * only where an action can't concern any of the nodes that it may mean.
 */
export function followPower(machines: readonly Machine[], chaos: Chaos | undefined): Follower {
  const states = new Map(
    machines.map(({ name, joins }) => [name, new Set<Power>([joins ? "down" : "up"])]),
  );
  const unsettled = new Set<string>();
  const isUnsure = ({ inChaos, isHealed }: Moment) =>
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
      const problem = isUnsure(moment) ? null : objection(states, selected, action, moment);
      apply(states, selected, action.do);
      return problem === null ? [] : [problem];
    },
  };
}

const powerFaults = [
  ...(["crashes", "kills", "crashLoops", "pauses"] as const),
  ...(["diskFailures", "fullDisks", "diskDamage"] as const),
] as const;

function isPowerAction(action: Action): action is Action & { do: PowerAction; nodes: Selector } {
  return action.do in effects;
}

type States = ReadonlyMap<string, Set<Power>>;

function objection(
  states: States,
  selected: Selection,
  action: { do: PowerAction; nodes: Selector },
  { where }: Moment,
): ScenarioProblem | null {
  const drawn = reachable(selected, action.do);
  const possible = selected.nodes.some((node) =>
    drawn.some((state) => states.get(node)?.has(state)),
  );
  if (possible) return null;
  const help = helps[action.do];
  if (drawn.length === 0) {
    return { where, reason: `nodes: "${action.nodes}" is always a node that is up`, help };
  }
  const wanted = wantedStates[action.do];
  const [only] = selected.nodes;
  const reason =
    selected.nodes.length === 1 && only !== undefined
      ? `${only} is not ${wanted}: it is ${listed([...(states.get(only) ?? [])], "or")}`
      : `none of "${action.nodes}" is ${wanted}`;
  return { where, reason, help };
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
