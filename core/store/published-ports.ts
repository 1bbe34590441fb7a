import type { Service } from "../model/service.ts";

/** Which services publish a port, as a function of the services. */
export class PublishedPorts {
  readonly #publishers = new Map<string, Service[]>();

  publishersOf(protocol: string, publishedPort: number): readonly Service[] {
    return this.#publishers.get(keyOf(protocol, publishedPort)) ?? [];
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

/** Both the ports that are asked for and those that it has: until they agree, both are taken. */
function keysOf({ spec, ports }: Service): Set<string> {
  if (spec.endpoint.ports.length === 0 && ports.length === 0) return none;
  const published = [...spec.endpoint.ports, ...ports].filter(
    ({ publishedPort }) => publishedPort > 0,
  );
  return new Set(published.map(({ protocol, publishedPort }) => keyOf(protocol, publishedPort)));
}

const none: Set<string> = new Set();

function keyOf(protocol: string, publishedPort: number): string {
  return `${protocol} ${publishedPort}`;
}
