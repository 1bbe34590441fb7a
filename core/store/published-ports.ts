import { type PublishedPort, portKey, portsTaken } from "../model/endpoint.ts";
import type { Service } from "../model/service.ts";

/** Which services publish a port, as a function of the services. */
export class PublishedPorts {
  readonly #publishers = new Map<string, Service[]>();

  publishersOf(port: PublishedPort): readonly Service[] {
    return this.#publishers.get(portKey(port)) ?? [];
  }

  /** Null: the service did not exist, or is gone. */
  replace(previous: Service | null, current: Service | null): void {
    for (const key of previous === null ? [] : keysOf(previous)) {
      const others = this.#publishers.get(key)?.filter(({ id }) => id !== previous?.id) ?? [];
      if (others.length === 0) this.#publishers.delete(key);
      else this.#publishers.set(key, others);
    }
    if (current === null) return;
    for (const key of keysOf(current)) {
      this.#publishers.set(key, [...(this.#publishers.get(key) ?? []), current]);
    }
  }
}

function keysOf(service: Service): Set<string> {
  const { spec, ports } = service;
  if (spec.endpoint.ports.length === 0 && ports.length === 0) return none;
  return new Set(portsTaken(service).map(portKey));
}

const none: Set<string> = new Set();
