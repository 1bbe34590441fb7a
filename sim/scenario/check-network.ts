import type { PlannedMachine } from "../world/plan.ts";
import type { Complaint } from "./check-problem.ts";
import { certainOverlap, coversAll, selection, selectorComplaint } from "./check-selectors.ts";
import type { Action, Chaos, Selector } from "./dsl.ts";
import type { Follower } from "./step-moment.ts";

/** Every selector of every step names a node. */
export function followNames(machines: readonly PlannedMachine[]): Follower {
  return {
    follow(action) {
      return selectorsOf(action).flatMap(([field, selector]) => {
        const complaint = selectorComplaint(selector, machines);
        if (complaint === null) return [];
        return [{ ...complaint, reason: `${field}: ${complaint.reason}` }];
      });
    },
  };
}

function selectorsOf(action: Action): (readonly [field: string, selector: Selector])[] {
  if ("nodes" in action) return [["nodes", action.nodes]];
  if (!("from" in action)) return [];
  const to = action.to === "rest" ? [] : action.to;
  return [
    ...action.from.map((selector, at) => [`from[${at}]`, selector] as const),
    ...to.map((selector, at) => [`to[${at}]`, selector] as const),
  ];
}

/** Follows the partitions: each has two sides, and there is one to heal or to mend. */
export function followPartitions(
  machines: readonly PlannedMachine[],
  chaos: Chaos | undefined,
): Follower {
  let open = 0;
  return {
    follow(action, moment) {
      if (action.do === "partition") open += 1;
      if (action.do === "partition" || action.do === "flap" || action.do === "clog") {
        return sideProblems(action, machines);
      }
      if (action.do === "partition-at-random") {
        open += 1;
        return machines.length > 1 ? [] : [alone];
      }
      if (action.do !== "heal" && action.do !== "mend") return [];
      const parts = chaos?.partitions ?? chaos?.flapping;
      const wasOpen = open > 0 || (moment.inChaos && parts !== undefined);
      open = action.do === "heal" ? 0 : Math.max(0, open - 1);
      const reason = `there is no partition to ${action.do}`;
      const help = `a partition must come before it, and ${action.do} only once`;
      return wasOpen ? [] : [{ reason, help }];
    },
  };
}

const alone = { reason: "a single node can't be parted", help: "plan more nodes" };

function sideProblems(
  { do: what, from, to }: Extract<Action, { do: "partition" | "flap" | "clog" }>,
  machines: readonly PlannedMachine[],
): Complaint[] {
  const managers = machines.flatMap(({ name, role }) => (role === "manager" ? [name] : []));
  const select = (selector: Selector) => selection(selector, machines);
  const left = from.map(select);
  if (to === "rest") {
    const reason = 'to: from names every node, so there is no "rest"';
    const isEmpty = coversAll(left, machines, managers);
    return isEmpty ? [{ reason, help: "leave some node out of from" }] : [];
  }
  if (what === "clog" || !certainOverlap(left, to.map(select), managers)) return [];
  const help = 'name each node on one side; "rest" is all that from leaves';
  for (const one of from) {
    for (const other of to) {
      if (!certainOverlap([select(one)], [select(other)], managers)) continue;
      const who = one === other ? `"${one}" is on both sides` : `"${one}" and "${other}" overlap`;
      return [{ reason: who, help }];
    }
  }
  return [{ reason: "the two sides overlap", help }];
}
