import { type HostPort, portKey } from "../../core/model/endpoint.ts";
import type { Task } from "../../core/model/task.ts";

/** What Linux gives to whoever does not care. */
const first = 32_768;
const count = 28_232;

/** One machine's ports: a container has its own from its start to its end. */
export class HostPorts {
  #given = 0;
  /** By whom those are had that somebody has. */
  readonly #owners = new Map<string, string>();

  /** Where the machine is to answer for the ports that the task publishes. */
  publish({ ports }: Task): readonly HostPort[] {
    return ports.map(({ protocol, targetPort, publishedPort, publishMode }) => {
      const isChosen = publishMode === "host" && publishedPort > 0;
      return { protocol, targetPort, hostPort: isChosen ? publishedPort : this.#next(protocol) };
    });
  }

  /** Why the task can't have them, as Docker says it, or null: it has them now. */
  take(task: string, ports: readonly HostPort[]): string | null {
    const had = ports.find((port) => (this.#owners.get(keyOf(port)) ?? task) !== task);
    if (had !== undefined) return `Bind for :::${had.hostPort} failed: port is already allocated`;
    for (const port of ports) this.#owners.set(keyOf(port), task);
    return null;
  }

  release(ports: readonly HostPort[]): void {
    for (const port of ports) this.#owners.delete(keyOf(port));
  }

  /** The next that nobody has. */
  #next(protocol: HostPort["protocol"]): number {
    do this.#given += 1;
    while (this.#owners.has(portKey({ protocol, publishedPort: this.#last })));
    return this.#last;
  }

  get #last(): number {
    return first + (this.#given % count);
  }
}

function keyOf({ protocol, hostPort }: HostPort): string {
  return portKey({ protocol, publishedPort: hostPort });
}
