import type { ContainerConditions } from "../ports/container-conditions.ts";
import type { DiskConditions } from "../ports/disk.ts";
import type { LinkConditions } from "../ports/network.ts";
import type { ContainerFaults, DiskPlan, NetworkConditions } from "../scenario/dsl.ts";
import { type Span, span } from "../scenario/units.ts";

/** What a scenario says of conditions, as numbers; what it does not name stays as it is. */

export function changeNetwork(conditions: LinkConditions, plan: NetworkConditions): void {
  set(conditions, "lossPerMillion", perMillion(plan.loss));
  set(conditions, "duplicatesPerMillion", perMillion(plan.duplicates));
  set(conditions, "reorderedPerMillion", perMillion(plan.reordering));
  set(conditions, "latencyMin", micros(plan.latencyMin));
  set(conditions, "latencyMean", micros(plan.latencyMean));
  set(conditions, "delays", plan.delays);
  set(conditions, "capacity", plan.capacity);
}

export function changeDisk(conditions: DiskConditions, plan: DiskPlan): void {
  set(conditions, "min", micros(plan.latencyMin));
  set(conditions, "mean", micros(plan.latencyMean));
  set(conditions, "failuresPerMillion", perMillion(plan.failures));
}

export function changeContainers(conditions: ContainerConditions, plan: ContainerFaults): void {
  set(conditions, "pullMean", micros(plan.pullMean));
  set(conditions, "startMean", micros(plan.startMean));
  set(conditions, "pullFailuresPerMillion", perMillion(plan.pullFailures));
  set(conditions, "startFailuresPerMillion", perMillion(plan.startFailures));
  set(conditions, "crashMean", micros(plan.crashEvery));
  set(conditions, "unhealthyMean", micros(plan.unhealthyEvery));
}

function set<T, K extends keyof T>(target: T, key: K, value: T[K] | undefined): void {
  if (value !== undefined) target[key] = value;
}

function perMillion(percent: number | undefined): number | undefined {
  return percent === undefined ? undefined : Math.round(percent * 10_000);
}

function micros(text: Span | undefined): number | undefined {
  return text === undefined ? undefined : span(text);
}
