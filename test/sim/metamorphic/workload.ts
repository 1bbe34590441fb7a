import { Random } from "../../../core/base/random.ts";
import {
  at,
  create,
  type NamedService,
  remove,
  rollback,
  type ScenarioPlan,
  type Step,
  scale,
  service,
  type Topology,
  update,
} from "../../../sim/scenario/dsl.ts";

/**
 * What users ask for, one thing every few seconds. It is drawn, and nothing in it fails by chance;
 * a job is over before the next thing is asked, as what one had got to depends on the network.
 * Rollbacks may be left out: what a rollback leads to depends on whether the last update is over.
 */
export function workload(number: number, topology: Topology, rollsBack = true): ScenarioPlan {
  const random = new Random([number, 1, 2, 3]);
  const services = [plan(random, "web"), plan(random, "api")];
  const names = ["web", "api"];
  const steps: Step[] = [];
  for (let second = 40; second < 100; second += random.between(4, 9)) {
    steps.push(at(`${second}s`, command(random, names, rollsBack)));
  }
  return {
    name: `workload ${number}`,
    story: "Users at work.",
    topology,
    services,
    steps,
    expect: [],
  };
}

const modes = ["replicated", "replicated", "global", "replicated-job", "global-job"] as const;

function plan(random: Random, name: string): NamedService {
  const mode = random.pick(modes);
  const isJob = mode.endsWith("job");
  return service(name, {
    ...{ image: `${name}:1`, mode, cpus: 0.1 },
    ...(mode.startsWith("replicated") ? { replicas: random.between(1, 5) } : {}),
    ...(mode === "replicated-job" ? { maxConcurrent: 2 } : {}),
    ...(isJob ? { runsFor: ["100ms", "300ms"] as const } : {}),
    ...(isJob ? {} : { update: rolling(random) }),
    ...(random.chance(300_000) ? { constraints: ["node.role==worker"] } : {}),
  });
}

function rolling(random: Random) {
  return {
    parallelism: random.between(0, 2),
    monitor: "1s",
    failureAction: "continue",
    order: random.pick(["stop-first", "start-first"] as const),
  } as const;
}

function command(random: Random, names: string[], rollsBack: boolean) {
  const name = random.pick(names);
  switch (random.below(6)) {
    case 0: {
      const fresh = `more-${names.length}`;
      names.push(fresh);
      return create(plan(random, fresh));
    }
    case 1:
      return remove(name);
    case 2:
      return rollsBack ? rollback(name) : scale(name, 2);
    case 3:
      return update(name, { image: `${name}:${random.between(2, 5)}` });
    default:
      return scale(name, random.between(1, 6));
  }
}
