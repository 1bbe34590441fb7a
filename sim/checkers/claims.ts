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

/** Who holds what only one task of a node may hold, from its assignment until it has stopped. */
class Holders {
  readonly #holders = new Map<string, string>();
  readonly #keysOf: (task: Task) => string[];
  /** How often something was given to a task. */
  given = 0;

  constructor(keysOf: (task: Task) => string[]) {
    this.#keysOf = keysOf;
  }

  /** What the commit gives to a second task, in words; null: nothing. */
  follow(commit: Commit): string | null {
    for (const event of commit.tasks) {
      const { previous, current } = event;
      if (previous !== null && !(current !== null && takesRoom(current))) this.#release(previous);
      if (current === null || !isAssignment(event)) continue;
      for (const key of this.#keysOf(current)) {
        this.given += 1;
        const holder = this.#holders.get(`${current.nodeId} ${key}`);
        if (holder !== undefined) {
          return `${current.name} is given ${key} of ${current.nodeId}, which ${holder} holds`;
        }
        this.#holders.set(`${current.nodeId} ${key}`, current.name);
      }
    }
    return null;
  }

  #release(task: Task): void {
    if (!takesRoom(task)) return;
    for (const key of this.#keysOf(task)) this.#holders.delete(`${task.nodeId} ${key}`);
  }
}

/** A generic resource with a name belongs to one task at a time. */
export class NamedResourceExclusive implements Checker {
  readonly name = "named-resource-exclusive";
  readonly source = "SwarmKit api/genericresource: a named resource is claimed by one task";
  checks = 0;
  readonly #holders = new Holders(namedResourcesOf);

  committed(commit: Commit): void {
    const detail = this.#holders.follow(commit);
    this.checks = this.#holders.given;
    if (detail !== null) throw new BrokenInvariant(this.name, commit.host.name, detail);
  }
}

/** A port of a node is used by one task at a time. */
export class HostPortExclusive implements Checker {
  readonly name = "host-port-exclusive";
  readonly source = "SwarmKit scheduler HostPortFilter";
  checks = 0;
  readonly #holders = new Holders(hostPortsOf);

  committed(commit: Commit): void {
    const detail = this.#holders.follow(commit);
    this.checks = this.#holders.given;
    if (detail !== null) throw new BrokenInvariant(this.name, commit.host.name, detail);
  }
}
