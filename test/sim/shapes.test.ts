import { setFlagsFromString } from "node:v8";
import { expect, test } from "vitest";
import { changed, simpleMembership } from "../../core/raft/membership.ts";
import type { Entry, Membership } from "../../core/raft/message.ts";
import { decodeWrite, encodeWrite } from "../../core/wal/record.ts";
import { eventually, running, service } from "../../sim/scenario/dsl.ts";
import { simulate } from "../../sim/simulate.ts";
import type { World } from "../../sim/world/world.ts";
import { plainCodec, type TestPayload } from "../core/wal/writes.ts";

// Goal: objects that are made anew all the time share their engine's hidden class.
// Method: run a quiet cluster, and compare those of what it holds. In Node 20 `{ ...a, b }` gives
// each object a class of its own, which makes slow whatever reads it; `{ b, ...a }` does not. Nor
// do those share a class that keep the same field as a whole number and as a fraction: a sum of
// products with one beyond 2^31 counts as a fraction, however small it is.

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

test("what is read back from a disk is of the shape that was written", () => {
  const payload: TestPayload = { size: 0, data: [] };
  const hardState = { term: 3, vote: null };
  const entries: Entry[] = [{ kind: "payload", term: 3, index: 7, payload }];
  const part = { id: 1, hardState, snapshot: null, entries, compactTo: 0 };
  const bytes = encodeWrite({ wipesRaft: false, raft: [part], attached: null }, plainCodec);
  const read = decodeWrite(bytes, plainCodec)?.raft[0];
  expect(shapes([hardState, read?.hardState ?? {}])).toBe(1);
  expect(shapes([...entries, ...(read?.entries ?? [])])).toBe(1);
});

test("a membership has the same shape whatever has changed in it", () => {
  const first: Membership = simpleMembership(["a", "b", "c"]);
  const steps = [
    { kind: "add-voter", member: "d" },
    { kind: "add-learner", member: "a" },
    { kind: "remove", member: "b" },
  ] as const;
  const direct = steps.map((step) => changed(first, { transition: "auto", steps: [step] }));
  const joint = changed(first, { transition: "joint-implicit", steps });
  expect(shapes([first, joint ?? {}, ...direct.map((membership) => membership ?? {})])).toBe(1);
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
