import type { Planted } from "../base/planted.ts";
import { meetsConstraints } from "../model/constraint.ts";
import { takesTasks } from "../model/node.ts";
import { fits, type Resources } from "../model/resources.ts";
import type { Task } from "../model/task.ts";
import type { Candidate } from "./candidate.ts";

/** One reason for which a node can't take a task; it explains itself (SwarmKit `filter.go`). */
export interface Filter {
  readonly check: (candidate: Candidate, task: Task) => boolean;
  readonly explain: (nodes: number) => string;
}

/** In SwarmKit's order and words. */
export function filters(planted: Planted): readonly Filter[] {
  return [
    {
      check: ({ node }) => planted === "S06" || takesTasks(node),
      explain: (nodes) => `${counted(nodes)} not available for new tasks`,
    },
    {
      check: ({ free }, { spec }) =>
        reservesNothing(spec.reservations) || fits(spec.reservations, free),
      explain: (nodes) => `insufficient resources on ${counted(nodes)}`,
    },
    {
      check: ({ node }, task) =>
        planted === "S11" || meetsConstraints(node, task.spec.placement.constraints),
      explain: (nodes) => `scheduling constraints not satisfied on ${counted(nodes)}`,
    },
  ];
}

/** Such a task runs on a full node too, even on one that has shrunk below what it runs. */
function reservesNothing({ nanoCpus, memoryBytes }: Resources): boolean {
  return nanoCpus === 0 && memoryBytes === 0;
}

function counted(nodes: number): string {
  return nodes === 1 ? "1 node" : `${nodes} nodes`;
}
