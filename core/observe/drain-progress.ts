import type { Node } from "../model/node.ts";
import type { Task } from "../model/task.ts";
import { isCharged } from "../store/node-load.ts";
import type { Progress } from "./service-progress.ts";

/** How far a node that is drained has given up what it runs. `tasks`: all there are. */
export function drainProgress(node: Node, tasks: readonly Task[]): Progress {
  const { hostname } = node.description;
  const left = tasks.filter((task) => task.nodeId === node.id && isCharged(task));
  const count = left.length === 1 ? "1 task" : `${left.length} tasks`;
  return {
    isDone: left.length === 0,
    isStuck: left.length === 0 ? null : stuckAt(node),
    line: `${hostname}: ${count} left${troubleOf(left, tasks)}`,
  };
}

function stuckAt({ spec, status, description: { hostname } }: Node): string | null {
  if (spec.availability !== "drain") return `${hostname} is not drained any more`;
  if (status.state === "down") return `${hostname} is down: nobody knows what it still runs`;
  return null;
}

/** What keeps the newest of the tasks waiting that are to take the place of those. */
function troubleOf(left: readonly Task[], all: readonly Task[]): string {
  const leaving = new Set(left.map(({ id }) => id));
  const [next] = all
    .filter(({ replaces, status }) => leaving.has(replaces ?? "") && status.err !== "")
    .sort((one, other) => other.meta.createdAt - one.meta.createdAt);
  return next === undefined ? "" : `  (${next.name}: ${next.status.err})`;
}
