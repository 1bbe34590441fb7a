import type { Action, NodePlan, ScenarioPlan, Step, Topology } from "../scenario/dsl.ts";

/** Each machine of the plan with an entry and a name of its own: so that any can be left out. */
export function withNames(plan: ScenarioPlan): ScenarioPlan {
  const { managers, workers } = plan.topology;
  const topology = {
    ...plan.topology,
    managers: named(managers, "m"),
    workers: named(workers, "w"),
  };
  return { ...plan, topology };
}

/** The shortest way to say the same: machines alike are counted. */
export function withCounts(plan: ScenarioPlan): ScenarioPlan {
  const { managers, workers } = plan.topology;
  const topology = {
    ...plan.topology,
    managers: counted(managers, "m"),
    workers: counted(workers, "w"),
  };
  return { ...plan, topology };
}

/** The names of all machines of a plan that has passed `withNames`. */
export function machineNames({ topology }: ScenarioPlan): string[] {
  return [...listOf(topology.managers), ...listOf(topology.workers)].map(({ name = "" }) => name);
}

/** The plan without some machines, and without what happened to them. */
export function withoutMachines(plan: ScenarioPlan, gone: ReadonlySet<string>): ScenarioPlan {
  const left = (list: Topology["managers"]) =>
    listOf(list).filter(({ name = "" }) => !gone.has(name));
  const { topology, steps = [], core } = plan;
  return {
    ...plan,
    topology: { ...topology, managers: left(topology.managers), workers: left(topology.workers) },
    steps: steps.flatMap((step) => stepWithout(step, gone)),
    ...(core !== undefined && { core: core.filter((name) => !gone.has(name)) }),
  };
}

/** The same with the machines called `m1`, `m2`, `w1` and so on. */
export function withUsualNames(plan: ScenarioPlan): ScenarioPlan {
  const { topology, core } = plan;
  const usual = new Map(
    (["managers", "workers"] as const).flatMap((role) =>
      listOf(topology[role]).map(({ name = "" }, at) => [name, `${role[0]}${at + 1}`] as const),
    ),
  );
  const renamed = (name: string) => usual.get(name) ?? name;
  const all = (list: Topology["managers"]) =>
    listOf(list).map((each) => ({ ...each, name: renamed(each.name ?? "") }));
  const steps = (plan.steps ?? []).map(({ at, action }) => ({
    at,
    action: withNamesIn(action, renamed),
  }));
  return {
    ...plan,
    topology: { ...topology, managers: all(topology.managers), workers: all(topology.workers) },
    steps,
    ...(core !== undefined && { core: core.map(renamed) }),
  };
}

function withNamesIn(action: Action, renamed: (name: string) => string): Action {
  if ("nodes" in action) return { ...action, nodes: renamed(action.nodes) };
  if (!("from" in action)) return action;
  const to = action.to === "rest" ? action.to : action.to.map(renamed);
  return { ...action, from: action.from.map(renamed), to };
}

function stepWithout({ at, action }: Step, gone: ReadonlySet<string>): Step[] {
  if ("nodes" in action) return gone.has(action.nodes) ? [] : [{ at, action }];
  if (!("from" in action)) return [{ at, action }];
  const from = action.from.filter((name) => !gone.has(name));
  const to = action.to === "rest" ? action.to : action.to.filter((name) => !gone.has(name));
  if (from.length === 0 || to.length === 0) return [];
  return [{ at, action: { ...action, from, to } as Action }];
}

function listOf(plans: number | readonly NodePlan[]): readonly NodePlan[] {
  return typeof plans === "number" ? [{ count: plans }] : plans;
}

function named(plans: number | readonly NodePlan[], prefix: string): NodePlan[] {
  const each = listOf(plans).flatMap(({ count = 1, ...plan }) =>
    Array.from({ length: count }, () => plan),
  );
  return each.map((plan, at) => ({ name: `${prefix}${at + 1}`, ...plan }));
}

function counted(plans: number | readonly NodePlan[], prefix: string): number | NodePlan[] {
  const groups: { count: number; plan: NodePlan }[] = [];
  for (const [at, { name, ...plan }] of listOf(plans).entries()) {
    const isUsual = name === `${prefix}${at + 1}`;
    const last = groups.at(-1);
    const isAlike = last !== undefined && JSON.stringify(last.plan) === JSON.stringify(plan);
    if (isUsual && isAlike) last.count += 1;
    else groups.push({ count: 1, plan: isUsual ? plan : { name: name ?? "", ...plan } });
  }
  const [only, ...others] = groups;
  if (only === undefined) return 0;
  if (others.length === 0 && Object.keys(only.plan).length === 0) return only.count;
  return groups.map(({ count, plan }) => (count === 1 ? plan : { count, ...plan }));
}
