import { expect, test } from "vitest";
import type { Placement } from "../../../core/model/task-spec.ts";
import { isDirty } from "../../../core/orchestrate/dirty.ts";
import { node, service, task } from "../../support/model.ts";
import { storeOf } from "../../support/store.ts";

// Goal: a task is replaced when it is not what is wanted, and not merely because it is older.

const view = storeOf(node("n1", { engineLabels: { disk: "ssd" } }));
const old = task("t1", { specVersion: 1 });
const onSsd = task("t1", { constraints: ["engine.labels.disk==ssd"] }).spec;

test("a task of the service's version is clean, whatever it holds", () => {
  expect(isDirty(view, service("web", { image: "web:2" }), old)).toBe(false);
});

test("an older task is dirty when its spec differs, and clean when it does not", () => {
  expect(isDirty(view, service("web", { specVersion: 2, image: "web:2" }), old)).toBe(true);
  expect(isDirty(view, service("web", { specVersion: 2 }), old)).toBe(false);
});

test("a forced update and another endpoint make a task dirty", () => {
  const web = service("web", { specVersion: 2 });
  const forced = { ...web.spec, task: { ...web.spec.task, forceUpdate: 1 } };
  expect(isDirty(view, { ...web, spec: forced }, old)).toBe(true);
  const endpoint = { ...web.spec.endpoint, mode: "dnsrr" } as const;
  expect(isDirty(view, { ...web, spec: { ...web.spec, endpoint } }, old)).toBe(true);
});

test("credentials for the registry make a task dirty only before its image is there", () => {
  const web = service("web", { specVersion: 2 });
  const container = { ...web.spec.task.container, registryAuth: "e30=" };
  const signedIn = { ...web, spec: { ...web.spec, task: { ...web.spec.task, container } } };
  expect(isDirty(view, signedIn, old)).toBe(false);
  expect(isDirty(view, signedIn, task("t3", { state: "PREPARING" }))).toBe(true);
  expect(isDirty(view, signedIn, { ...old, spec: onSsd })).toBe(false);
});

test("constraints that the task's node meets leave it clean", () => {
  const constrained = (...constraints: string[]) => service("web", { specVersion: 2, constraints });
  expect(isDirty(view, constrained("engine.labels.disk==ssd"), old)).toBe(false);
  expect(isDirty(view, constrained("engine.labels.disk==hdd"), old)).toBe(true);
  const waiting = task("t2", { state: "PENDING" });
  expect(isDirty(view, constrained("engine.labels.disk==ssd"), waiting)).toBe(true);
  const both = service("web", { specVersion: 2, constraints: ["node.id==n1"], image: "web:2" });
  expect(isDirty(view, both, old)).toBe(true);
});

test("so do other preferences, another limit for each node, and another strategy", () => {
  const web = service("web", { specVersion: 2 });
  const placed = (more: Partial<Placement>) => {
    const placement = { ...web.spec.task.placement, ...more };
    return { ...web, spec: { ...web.spec, task: { ...web.spec.task, placement } } };
  };
  const where = { preferences: ["node.labels.zone"], maxReplicas: 1, strategy: "binpack" } as const;
  expect(isDirty(view, placed(where), old)).toBe(false);
  expect(isDirty(view, placed(where), task("t2", { state: "PENDING" }))).toBe(true);
  expect(isDirty(view, placed({ antiAffinity: ["db"] }), old)).toBe(true);
});
