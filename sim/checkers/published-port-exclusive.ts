import type { PortConfig } from "../../core/model/endpoint.ts";
import type { Service } from "../../core/model/service.ts";
import type { Commit } from "../world/history.ts";
import { BrokenInvariant, type Checker } from "./checker.ts";

type Modes = ReadonlySet<PortConfig["publishMode"]>;

/**
 * A port that one service publishes on every node is no other's, and each number is of one of its
 * ports only. Several services may publish one on the nodes of their tasks: the scheduler keeps
 * these apart.
 */
export class PublishedPortExclusive implements Checker {
  readonly name = "published-port-exclusive";
  readonly source = "SwarmKit controlapi checkPortConflicts, allocator portallocator";
  checks = 0;
  /** Who has which port, and how. */
  readonly #owners = new Map<string, Map<string, Modes>>();

  committed(commit: Commit): void {
    const touched = new Set<string>();
    for (const { previous, current } of commit.services) {
      if (previous !== null) this.#giveUp(previous);
      if (current === null) continue;
      this.#checkOwn(commit, current);
      this.#take(current, touched);
    }
    for (const key of touched) this.#check(commit, key);
  }

  #giveUp(service: Service): void {
    for (const key of portsOf(service).keys()) this.#owners.get(key)?.delete(service.id);
  }

  #take(service: Service, touched: Set<string>): void {
    for (const [key, modes] of portsOf(service)) {
      const owners = this.#owners.get(key) ?? new Map<string, Modes>();
      this.#owners.set(key, owners.set(service.id, modes));
      touched.add(key);
    }
  }

  #checkOwn({ host }: Commit, { spec, ports }: Service): void {
    const numbered = ports.filter(({ publishedPort }) => publishedPort > 0).map(keyOf);
    const twice = numbered.find((key, at) => numbered.indexOf(key) < at);
    if (twice === undefined) return;
    const detail = `the service ${spec.name} publishes ${twice} twice`;
    throw new BrokenInvariant(this.name, host.name, detail);
  }

  #check({ host }: Commit, key: string): void {
    this.checks += 1;
    const owners = this.#owners.get(key) ?? new Map<string, Modes>();
    if (owners.size < 2 || ![...owners.values()].some((modes) => modes.has("ingress"))) return;
    const detail = `the services ${[...owners.keys()].join(" and ")} both publish ${key}`;
    throw new BrokenInvariant(this.name, host.name, detail);
  }
}

/** Those that it asks for, and those that it has. */
function portsOf({ spec, ports }: Service): Map<string, Modes> {
  const modes = new Map<string, Modes>();
  for (const port of [...spec.endpoint.ports, ...ports]) {
    if (port.publishedPort === 0) continue;
    modes.set(keyOf(port), new Set([...(modes.get(keyOf(port)) ?? []), port.publishMode]));
  }
  return modes;
}

function keyOf({ protocol, publishedPort }: PortConfig): string {
  return `${protocol} ${publishedPort}`;
}
