import { setFlagsFromString } from "node:v8";
import { expect, test } from "vitest";
import { eventually, running, service } from "../../sim/scenario/dsl.ts";
import { simulate } from "../../sim/simulate.ts";
import type { World } from "../../sim/world/world.ts";

// Goal: objects that are made anew all the time share their engine's hidden class.
// Method: run a quiet cluster, and compare those of what it holds. In Node 20 `{ ...a, b }` gives
// each object a class of its own, which makes slow whatever reads it; `{ b, ...a }` does not.

setFlagsFromString("--allow-natives-syntax");
const haveSameClass = new Function("left", "right", "return %HaveSameMap(left, right)") as (
  left: object,
  right: object,
) => boolean;

test("what is made anew all the time has few shapes", () => {
  const world = quietCluster();
  const { nodes, tasks } = world.history.view;
  const certificates = world.hosts.flatMap(({ signer }) => signer.held.certificate ?? []);
  const ofAgents = world.hosts.flatMap(({ node }) => node?.agent.tasks() ?? []);
  expect(shapes(certificates)).toBe(1);
  expect(shapes(world.hosts.map(({ config }) => config))).toBe(1);
  expect(shapes([...tasks.values()])).toBe(1);
  expect(shapes(ofAgents)).toBe(1);
  expect(shapes(ofAgents.map(({ status }) => status))).toBe(1);
  expect(shapes([...nodes.values()])).toBe(1);
  expect(shapes(world.hosts.map(({ config }) => config.description))).toBe(1);
});

function quietCluster(): World {
  const seen: World[] = [];
  const watch = (world: World) => {
    seen.push(world);
    return {};
  };
  const replicas = 40;
  const plan = {
    name: "quiet",
    story: "Nothing goes wrong.",
    topology: { managers: 3, workers: 10 },
    services: [service("web", { image: "web:1", replicas })],
    expect: [eventually(running("web", replicas))],
  };
  expect(simulate(plan, "1", { observer: { watch } }).verdict).toBe("pass");
  return seen[0] as World;
}

/** How many hidden classes the objects have among them. */
function shapes(objects: readonly object[]): number {
  expect(objects.length).toBeGreaterThan(1);
  const found: object[] = [];
  for (const object of objects) {
    if (!found.some((other) => haveSameClass(other, object))) found.push(object);
  }
  return found.length;
}
