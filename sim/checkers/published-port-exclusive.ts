import type { StoreObject } from "../../core/model/change.ts";
import { type PortConfig, portKey, portsTaken } from "../../core/model/endpoint.ts";
import type { Service } from "../../core/model/service.ts";
import type { Commit } from "../world/history.ts";
import { BrokenInvariant, type Checker } from "./checker.ts";

type Modes = ReadonlySet<PortConfig["publishMode"]>;

/**
 * A port that one service publishes on every node is no other's. Several may publish one on the
 * nodes of their tasks only: the scheduler keeps these apart.
 */
export class PublishedPortExclusive implements Checker {
  readonly name = "published-port-exclusive";
  readonly source = "SwarmKit controlapi checkPortConflicts, allocator portallocator";
  checks = 0;
  /** Who has which port, and how. */
  readonly #owners = new Map<string, Map<string, Modes>>();

  committed(commit: Commit): void {
    const touched = new Set<string>();
    for (const { previous, current } of commit.events) {
      for (const [key] of portsOf(previous)) this.#owners.get(key)?.delete(previous?.id ?? "");
      for (const [key, modes] of portsOf(current)) {
        const owners = this.#owners.get(key) ?? new Map<string, Modes>();
        this.#owners.set(key, owners.set(current?.id ?? "", modes));
        touched.add(key);
      }
    }
    for (const key of touched) this.#check(commit, key);
  }

  #check({ host }: Commit, key: string): void {
    this.checks += 1;
    const owners = this.#owners.get(key) ?? new Map<string, Modes>();
    if (owners.size < 2 || ![...owners.values()].some((modes) => modes.has("ingress"))) return;
    const detail = `the services ${[...owners.keys()].join(" and ")} both publish ${key}`;
    throw new BrokenInvariant(this.name, host.name, detail);
  }
}

function portsOf(object: StoreObject | null): Map<string, Modes> {
  const ports = new Map<string, Modes>();
  if (object?.kind !== "service") return ports;
  for (const port of portsTaken(object as Service)) {
    ports.set(portKey(port), new Set([...(ports.get(portKey(port)) ?? []), port.publishMode]));
  }
  return ports;
}
