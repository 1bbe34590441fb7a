import type { Task } from "../../core/model/task.ts";
import type { Commit } from "../world/history.ts";
import { BrokenInvariant, type Checker } from "./checker.ts";
import { isAssignment, takesRoom } from "./placement.ts";

/** The ports of its node that the task takes, as `tcp 80`. */
export function hostPortsOf({ ports }: Task): string[] {
  const taken = ports.filter(({ publishMode }) => publishMode === "host");
  return taken.flatMap(({ protocol, publishedPort: number }) =>
    number > 0 ? [`${protocol} ${number}`] : [],
  );
}

/** The generic resources with names that it has, as `gpu=GPU-0`. */
export function namedResourcesOf({ assignedResources }: Task): string[] {
  return [...assignedResources].flatMap(([kind, ids]) => ids.map((id) => `${kind}=${id}`));
}

/** What only one task of a node may hold at a time, from its assignment until it has stopped. */
export class Exclusive implements Checker {
  readonly name: string;
  readonly source: string;
  /** How often something was given to a task. */
  checks = 0;
  readonly #keysOf: (task: Task) => string[];
  readonly #holders = new Map<string, string>();

  constructor(name: string, source: string, keysOf: (task: Task) => string[]) {
    this.name = name;
    this.source = source;
    this.#keysOf = keysOf;
  }

  committed({ host, tasks }: Commit): void {
    for (const event of tasks) {
      const { previous, current } = event;
      if (previous !== null && !(current !== null && takesRoom(current))) this.#release(previous);
      if (current === null || !isAssignment(event)) continue;
      for (const key of this.#keysOf(current)) {
        this.checks += 1;
        const holder = this.#holders.get(`${current.nodeId} ${key}`);
        if (holder !== undefined) {
          const given = `${current.name} is given ${key} of ${current.nodeId}`;
          throw new BrokenInvariant(this.name, host.name, `${given}, which ${holder} holds`);
        }
        this.#holders.set(`${current.nodeId} ${key}`, current.name);
      }
    }
  }

  #release(task: Task): void {
    if (!takesRoom(task)) return;
    for (const key of this.#keysOf(task)) this.#holders.delete(`${task.nodeId} ${key}`);
  }
}
