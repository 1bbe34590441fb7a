import { found } from "../base/gather.ts";
import { type Transaction, updateOf } from "../model/change.ts";
import { changedService, changedStatus, changedTask } from "../model/changed.ts";
import { type PortConfig, portKey } from "../model/endpoint.ts";
import type { AttachedNetwork } from "../model/network.ts";
import type { Service } from "../model/service.ts";
import type { Task } from "../model/task.ts";
import { isWanted, TaskState } from "../model/task-state.ts";
import { type PlanContext, transaction } from "../plan/plan.ts";
import type { Addresses } from "./addresses.ts";
import { pendingMessage } from "./new-task.ts";

/** The ports that the cluster chooses from (SwarmKit `allocator/portallocator.go`). */
const dynamicPorts = { first: 30_000, last: 32_767 } as const;
const noPortIsFree =
  `no port between ${dynamicPorts.first} and ${dynamicPorts.last} is free: publish one by its ` +
  "number, or remove a service that publishes some";

/**
 * Gives each port that a service publishes its number: the one asked for, the one it has had, or
 * the lowest that is free. Null: there is none free.
 */
export function allocatePorts(context: PlanContext, serviceId: string): Transaction[] | null {
  const service = context.view.services.get(serviceId);
  if (service === undefined || hasItsPorts(service)) return [];
  const ports = portsFor(context, service);
  if (ports === null) return null;
  return [transaction("allocator", [updateOf(changedService(service, { ports }))])];
}

/**
 * Gives a new task what it needs before it can be placed: the ports of its service, what there is
 * to know of its networks, and an address in each overlay. While there is none the task stays new.
 * `withoutPorts`: services for which no port was free.
 */
export function allocate(
  context: PlanContext,
  addresses: Addresses,
  taskId: string,
  withoutPorts: ReadonlySet<string>,
): Transaction[] {
  const task = context.view.tasks.get(taskId);
  if (task === undefined || task.status.state !== TaskState.NEW) return [];
  if (!isWanted(task.desiredState)) return [];
  const service = context.view.services.get(task.serviceId);
  if (service !== undefined && !hasItsPorts(service)) {
    return withoutPorts.has(service.id) ? waiting(context, task, noPortIsFree) : [];
  }
  const networks = networksOf(context, addresses, task);
  if (typeof networks === "string") return waiting(context, task, networks);
  const state = TaskState.PENDING;
  const message = pendingMessage;
  const object = changedTask(task, {
    ports: service?.ports ?? [],
    networks,
    status: changedStatus(task.status, { state, appliedAt: context.now, message, err: "" }),
  });
  return [transaction("allocator", [updateOf(object)])];
}

/** With the task's address in each overlay; or why there is none, in Docker's words. */
function networksOf(
  { view }: PlanContext,
  addresses: Addresses,
  { id, spec }: Task,
): AttachedNetwork[] | string {
  const networks = found(spec.networks, ({ target }) => view.networks.get(target));
  const overlays = networks.filter(({ overlay }) => overlay !== null);
  const given = addresses.give(id, overlays);
  if ("spec" in given) {
    const which = `${given.spec.name} (${given.id})`;
    return `no available IPv4 addresses on this network's address pools: ${which}`;
  }
  return networks.map((network) => {
    const address = given[overlays.indexOf(network)] ?? "";
    return { id: network.id, spec: network.spec, overlay: network.overlay, address };
  });
}

/** The task says what it waits for. */
function waiting({ now }: PlanContext, task: Task, err: string): Transaction[] {
  if (task.status.err === err) return [];
  const object = changedTask(task, { status: changedStatus(task.status, { appliedAt: now, err }) });
  return [transaction("allocator", [updateOf(object)])];
}

/** True when every port that the service's spec asks for has been given to it, and no other. */
function hasItsPorts({ spec, ports }: Service): boolean {
  const wanted = spec.endpoint.ports;
  return wanted.length === ports.length && wanted.every((port, at) => isGiven(port, ports[at]));
}

function isGiven(wanted: PortConfig, given: PortConfig | undefined): boolean {
  if (given === undefined || !isSamePort(wanted, given)) return false;
  const mayBeAny = wanted.publishedPort === 0 && wanted.publishMode === "ingress";
  return mayBeAny || given.publishedPort === wanted.publishedPort;
}

/** Except for the number. */
function isSamePort(left: PortConfig, right: PortConfig): boolean {
  return (
    left.name === right.name &&
    left.protocol === right.protocol &&
    left.targetPort === right.targetPort &&
    left.publishMode === right.publishMode
  );
}

/**
 * Each number is of one port only, also among those of the service that are alike except for their
 * numbers. A port on hosts without a number is left to each node's engine. Null: none is free.
 */
function portsFor(context: PlanContext, service: Service): PortConfig[] | null {
  const { planted } = context;
  const wanted = service.spec.endpoint.ports;
  const taken = new Set(wanted.filter(({ publishedPort }) => publishedPort > 0).map(portKey));
  const given: PortConfig[] = [];
  for (const port of wanted) {
    if (port.publishedPort > 0 || port.publishMode === "host") given.push(port);
    else {
      const isFree = (had: PortConfig) => planted === "N08" || !taken.has(portKey(had));
      const before = service.ports.find((had) => isSamePort(had, port) && isFree(had));
      const publishedPort = before?.publishedPort ?? freePort(context, port.protocol, taken);
      if (publishedPort === null) return null;
      const numbered = { ...port, publishedPort };
      taken.add(portKey(numbered));
      given.push(numbered);
    }
  }
  return given;
}

function freePort(
  { view, planted }: PlanContext,
  protocol: PortConfig["protocol"],
  taken: ReadonlySet<string>,
): number | null {
  for (
    let publishedPort: number = dynamicPorts.first;
    publishedPort <= dynamicPorts.last;
    publishedPort += 1
  ) {
    const port = { protocol, publishedPort };
    if (taken.has(portKey(port))) continue;
    if (planted === "N07" || view.publishersOf(port).length === 0) return publishedPort;
  }
  return null;
}
