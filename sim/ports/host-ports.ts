import type { HostPort } from "../../core/model/endpoint.ts";
import type { Task } from "../../core/model/task.ts";

/** What Linux gives to whoever does not care. */
const first = 32_768;
const count = 28_232;

/** One machine's ports: an engine takes the next that is free, but here never has to look. */
export class HostPorts {
  #given = 0;

  /** Where the machine answers for the ports that the task publishes. */
  publish({ ports }: Task): readonly HostPort[] {
    return ports.map(({ protocol, targetPort, publishedPort, publishMode }) => {
      const isChosen = publishMode === "host" && publishedPort > 0;
      return { protocol, targetPort, hostPort: isChosen ? publishedPort : this.#next() };
    });
  }

  #next(): number {
    this.#given += 1;
    return first + (this.#given % count);
  }
}
