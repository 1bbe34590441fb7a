import type { ContainerFaults, DiskPlan, NetworkConditions } from "../scenario/dsl.ts";

type Conditions = NetworkConditions & DiskPlan & ContainerFaults;

/** How each condition is said when there is some of it, and how when there is none. */
const words: Readonly<Record<keyof Conditions, readonly [(value: unknown) => string, string]>> = {
  loss: [(percent) => `loses ${percent} %`, "loses nothing"],
  duplicates: [(percent) => `doubles ${percent} %`, "doubles nothing"],
  reordering: [(percent) => `reorders ${percent} %`, "reorders nothing"],
  latencyMin: [(span) => `takes ${span} at least`, "takes no time at least"],
  latencyMean: [(span) => `takes ${span} more on average`, "takes no more than that"],
  delays: [(kind) => `has ${kind} delays`, ""],
  capacity: [(count) => `holds ${count} at most on a link`, "holds any number on a link"],
  failures: [(percent) => `fails ${percent} % of syncs`, "fails no sync"],
  pullMean: [(span) => `pulls take ${span}`, "pulls take no time"],
  startMean: [(span) => `starts take ${span}`, "starts take no time"],
  pullFailures: [(percent) => `${percent} % of pulls fail`, "no pull fails"],
  startFailures: [(percent) => `${percent} % of starts fail`, "no start fails"],
  crashEvery: [(span) => `one ends by itself every ${span}`, "none ends by itself"],
  unhealthyEvery: [(span) => `one turns unhealthy every ${span}`, "none turns unhealthy"],
};

/** Conditions as a story tells them: `loses 10 %, takes 20ms more on average`. */
export function conditionsText(conditions: Conditions): string {
  const named = Object.entries(conditions) as [keyof Conditions, unknown][];
  const told = named.map(([name, value]) => {
    const [some, none] = words[name];
    return value === 0 || value === "0s" ? none : some(value);
  });
  return told.length === 0 ? "is as before" : told.join(", ");
}
