import type { NamedService, NodePlan, ScenarioPlan, Step, Topology } from "../scenario/dsl.ts";
import { machineNames, withoutMachines, withUsualNames } from "./machines.ts";
import { rounderAmounts, rounderTimes } from "./rounder.ts";
import { shorter } from "./subsets.ts";

/**
 * Smaller stories than this one, as a lazy stream: what would save a reader most comes first. None
 * is checked; some make no sense.
 */
export function* smallerPlans(plan: ScenarioPlan): Generator<ScenarioPlan> {
  const { steps = [], expect, sickImages = [] } = plan;
  for (const fewer of shorter(steps)) yield { ...plan, steps: fewer };
  yield* lessChaos(plan);
  yield* fewerClients(plan);
  for (const fewer of shorter(plan.services)) yield withServices(plan, fewer);
  for (const gone of goneMachines(plan)) yield withoutMachines(plan, new Set(gone));
  const { core, ...withoutCore } = plan;
  if (core !== undefined) yield withoutCore;
  const { networks, ...withoutNetworks } = plan;
  if (networks !== undefined) yield withoutNetworks;
  const { recoverAt, ...recoverOnce } = plan;
  if (recoverAt !== undefined) yield recoverOnce;
  for (const fewer of shorter(expect)) yield { ...plan, expect: fewer };
  for (const fewer of shorter(sickImages)) yield { ...plan, sickImages: fewer };
  yield* plainerTopology(plan);
  yield* plainerServices(plan);
  yield* plainerSteps(plan);
  yield* rounderTimes(plan);
  yield* rounderAmounts(plan);
  yield withUsualNames(plan);
}

/**
 * The first few steps as they were written, without chaos, where there are some, and the last few
 * of the story found. What is written names machines by their part, such as the leader, which is
 * still so when other steps are left out.
 */
export function farShorter(written: ScenarioPlan, found: ScenarioPlan): ScenarioPlan[] {
  const { chaos: _, steps = [], ...calm } = written;
  const first = steps.length === 0 ? [] : [{ ...calm, steps: steps.slice(0, 2) }];
  const last = [4, 8].map((count) => ({ ...found, steps: found.steps?.slice(-count) ?? [] }));
  return [...first, ...last];
}

function* lessChaos(plan: ScenarioPlan): Generator<ScenarioPlan> {
  const { chaos, ...rest } = plan;
  if (chaos === undefined) return;
  yield rest;
  const { from, until, ...kinds } = chaos;
  for (const fewer of shorter(Object.entries(kinds))) {
    yield { ...plan, chaos: { from, until, ...Object.fromEntries(fewer) } };
  }
}

function* fewerClients(plan: ScenarioPlan): Generator<ScenarioPlan> {
  const { clients = 0, ...rest } = plan;
  if (clients === 0) return;
  yield rest;
  for (let fewer = 1; fewer < clients; fewer *= 2) yield { ...plan, clients: fewer };
}

/** Workers go before managers, and any one before all but one. */
function* goneMachines(plan: ScenarioPlan): Generator<string[]> {
  const names = machineNames(plan).reverse();
  for (const left of shorter(names)) yield names.filter((name) => !left.includes(name));
}

function withServices(plan: ScenarioPlan, services: readonly NamedService[]): ScenarioPlan {
  const names = new Set(services.map(({ name }) => name));
  const gone = plan.services.filter(({ name }) => !names.has(name)).map(({ name }) => name);
  const steps = (plan.steps ?? []).filter(({ action }) => !isAbout(action, gone));
  const expect = plan.expect.filter((each) => !isAbout("goal" in each ? each.goal : each, gone));
  return { ...plan, services, steps, expect };
}

function isAbout(value: object, services: readonly string[]): boolean {
  return (
    "service" in value && typeof value.service === "string" && services.includes(value.service)
  );
}

function* plainerTopology(plan: ScenarioPlan): Generator<ScenarioPlan> {
  const { managers, workers, ...settings } = plan.topology;
  for (const fewer of shorter(Object.entries(settings))) {
    yield { ...plan, topology: { managers, workers, ...Object.fromEntries(fewer) } };
  }
  for (const kept of shorter(optionsOfMachines(plan))) yield withOptions(plan, new Set(kept));
}

/** What is said of one machine at least, besides its name. */
function optionsOfMachines({ topology: { managers, workers } }: ScenarioPlan): string[] {
  const all = [managers, workers].flatMap((list) => (typeof list === "number" ? [] : list));
  return [...new Set(all.flatMap(Object.keys))].filter((option) => option !== "name");
}

function withOptions(plan: ScenarioPlan, kept: ReadonlySet<string>): ScenarioPlan {
  const plainer = (list: Topology["managers"]) =>
    typeof list === "number" ? list : list.map((machine) => withFields(machine, kept));
  const { managers, workers } = plan.topology;
  const topology = { ...plan.topology, managers: plainer(managers), workers: plainer(workers) };
  return { ...plan, topology };
}

function withFields(machine: NodePlan, kept: ReadonlySet<string>): NodePlan {
  const fields = Object.entries(machine).filter(([field]) => field === "name" || kept.has(field));
  return Object.fromEntries(fields);
}

function* plainerServices(plan: ScenarioPlan): Generator<ScenarioPlan> {
  const { services } = plan;
  for (const [index, service] of services.entries()) {
    for (const plainer of plainerService(service)) {
      yield { ...plan, services: services.map((other, at) => (at === index ? plainer : other)) };
    }
  }
}

function* plainerService(service: NamedService): Generator<NamedService> {
  const { name, image, mode, replicas = 1, ...options } = service;
  const kept = { name, image, ...(mode !== undefined && { mode }) };
  const size = service.replicas === undefined ? {} : { replicas };
  for (const fewer of shorter(Object.entries(options))) {
    yield { ...kept, ...size, ...Object.fromEntries(fewer) };
  }
  for (let fewer = 1; fewer < replicas; fewer *= 2) yield { ...service, replicas: fewer };
}

/** Conditions with fewer of their fields. */
function* plainerSteps(plan: ScenarioPlan): Generator<ScenarioPlan> {
  const { steps = [] } = plan;
  for (const [index, { at, action }] of steps.entries()) {
    if (!("conditions" in action)) continue;
    for (const fewer of shorter(Object.entries(action.conditions))) {
      if (fewer.length === 0) continue;
      const plainer = { at, action: { ...action, conditions: Object.fromEntries(fewer) } } as Step;
      yield { ...plan, steps: steps.map((other, place) => (place === index ? plainer : other)) };
    }
  }
}
