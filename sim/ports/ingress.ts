import { portKey } from "../../core/model/endpoint.ts";
import type { Route } from "../../core/model/ingress.ts";
import type { Ingress } from "../../core/ports/ingress.ts";

/** One machine's published ports: nobody connects to them, but everybody can look. */
export class SimIngress implements Ingress {
  /** By port. */
  readonly #routes = new Map<string, Route>();

  route(route: Route): void {
    if (route.backends.length === 0) this.#routes.delete(portKey(route));
    else this.#routes.set(portKey(route), route);
  }

  /** Those that lead somewhere, by `portKey`. */
  get routes(): ReadonlyMap<string, Route> {
    return this.#routes;
  }

  /** Whether some connection would be carried to the task. */
  leadsTo(task: string): boolean {
    return [...this.#routes.values()].some(({ backends }) => leads(backends, task));
  }

  /** The process has ended, and nobody listens. */
  end(): void {
    this.#routes.clear();
  }
}

function leads(backends: Route["backends"], task: string): boolean {
  return backends.some((backend) => backend.task === task);
}
