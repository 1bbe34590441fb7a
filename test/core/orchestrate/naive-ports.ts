import type { PortConfig } from "../../../core/model/endpoint.ts";

type Ports = readonly PortConfig[];

/** One service: what it asks for, and the ports that it has. */
interface Publisher {
  readonly id: string;
  readonly name: string;
  wanted: Ports;
  has: Ports;
}

const [lowest, highest] = [30_000, 32_767];

/**
 * What is published, as a plain list of services: each question is answered by going through all of
 * them. A number is of one service only, but on hosts, where nodes keep their tasks apart.
 */
export class NaivePorts {
  readonly publishers: Publisher[] = [];

  /**
   * Docker's words for why the service, "" for a new one, can't publish these, with each of those
   * who have what it asks for; empty: it can.
   */
  problems(id: string, wanted: Ports): string[] {
    for (const [at, port] of wanted.entries()) {
      if (port.publishedPort === 0) continue;
      if (isIn(wanted.slice(0, at), port))
        return ["EndpointSpec: duplicate published ports provided"];
      const problems = this.#conflicts(id, port).map(({ name, id, its }) => {
        const how = its.publishMode === "host" ? "a host-published port" : "an ingress port";
        const who = `service '${name}' (${id})`;
        return `port '${port.publishedPort}' is already in use by ${who} as ${how}`;
      });
      if (problems.length > 0) return problems;
    }
    return [];
  }

  /** In place of what the service has asked for before. */
  publish(id: string, name: string, wanted: Ports): void {
    const known = this.publishers.find((each) => each.id === id);
    if (known === undefined) this.publishers.push({ id, name, wanted, has: [] });
    else known.wanted = wanted;
  }

  remove(id: string): void {
    const at = this.publishers.findIndex((each) => each.id === id);
    this.publishers.splice(at, 1);
  }

  /** These services choose at once: who comes later and has chosen the same gets nothing. */
  allocate(ids: readonly string[]): void {
    const chosen = ids.map((id) => this.#choice(this.#publisher(id)));
    for (const [at, id] of ids.entries()) {
      const ports = chosen[at] ?? null;
      if (ports?.every((port) => this.#conflicts(id, port).length === 0)) {
        this.#publisher(id).has = ports;
      }
    }
  }

  #publisher(id: string): Publisher {
    return this.publishers.find((each) => each.id === id) as Publisher;
  }

  /** What it asks for by number, what it has had, or the lowest that is free; null: none is. */
  #choice(own: Publisher): Ports | null {
    if (hasAll(own)) return own.has;
    const taken = own.wanted.filter(({ publishedPort }) => publishedPort > 0);
    const all = this.publishers.flatMap(({ wanted, has }) => [...wanted, ...has]);
    const chosen: PortConfig[] = [];
    for (const port of own.wanted) {
      if (isOpen(port)) {
        const before = own.has.find((had) => isAlike(had, port) && !isIn(taken, had));
        const publishedPort = before?.publishedPort ?? free(port, [...taken, ...all]);
        if (publishedPort > highest && before === undefined) return null;
        chosen.push({ ...port, publishedPort });
        taken.push({ ...port, publishedPort });
      } else chosen.push(port);
    }
    return chosen;
  }

  #conflicts(id: string, port: PortConfig) {
    if (port.publishedPort === 0) return [];
    return this.publishers.flatMap((other) => {
      const its = other.wanted.find(isSameAs(port)) ?? other.has.find(isSameAs(port));
      if (other.id === id || its === undefined) return [];
      return its.publishMode === "host" && port.publishMode === "host" ? [] : [{ ...other, its }];
    });
  }
}

function free({ protocol }: PortConfig, taken: Ports): number {
  const same = taken.filter((port) => port.protocol === protocol);
  const numbers = new Set(same.map(({ publishedPort }) => publishedPort));
  let number = lowest;
  while (numbers.has(number)) number += 1;
  return number;
}

/** The cluster is to choose its number. */
function isOpen({ publishedPort, publishMode }: PortConfig): boolean {
  return publishedPort === 0 && publishMode === "ingress";
}

function isIn(ports: Ports, port: PortConfig): boolean {
  return ports.some(isSameAs(port));
}

function isSameAs({ protocol, publishedPort }: PortConfig): (port: PortConfig) => boolean {
  return (port) => port.protocol === protocol && port.publishedPort === publishedPort;
}

/** But for the number. */
function isAlike(left: PortConfig, right: PortConfig): boolean {
  return (["name", "protocol", "targetPort", "publishMode"] as const).every(
    (key) => left[key] === right[key],
  );
}

function hasAll({ wanted, has }: Publisher): boolean {
  return (
    wanted.length === has.length &&
    wanted.every((port, at) => {
      const given = has[at] as PortConfig;
      return isAlike(port, given) && (isOpen(port) || isSameAs(port)(given));
    })
  );
}
