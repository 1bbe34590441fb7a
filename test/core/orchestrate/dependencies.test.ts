import { describe, expect, test } from "vitest";
import type { StoreObject } from "../../../core/model/change.ts";
import type { Service } from "../../../core/model/service.ts";
import { TaskState } from "../../../core/model/task-state.ts";
import { missingDependencies } from "../../../core/orchestrate/dependencies.ts";
import { noDelay, node, service, task } from "../../support/model.ts";
import { Planning } from "../../support/planning.ts";
import { storeOf } from "../../support/store.ts";

// Goal: a service is started once what it depends on runs in full, and never waits again.

const nodes = [node("n1"), node("n2")];
const db = service("db", { replicas: 2, restart: noDelay });
const web = service("web", { replicas: 2, waitsFor: ["db"], restart: noDelay });

/** A cluster in which no container of `db` starts yet. */
function waiting(): Planning {
  const planning = new Planning(...nodes, db, web);
  planning.starts = ({ serviceId }) => serviceId !== "db";
  planning.holds = ({ serviceId }) => serviceId === "db";
  return planning.at(10);
}

describe("a service that waits", () => {
  test("has its tasks prepared and not started", () => {
    const planning = waiting();
    expect(planning.living()).toEqual(["1:READY@n1", "2:READY@n2"]);
    expect(planning.store.services.get("web")?.waitsFor).toEqual(["db"]);
  });

  test("is started as soon as all of what it depends on runs", () => {
    const planning = waiting();
    planning.holds = ({ slot, serviceId }) => serviceId === "db" && slot === 2;
    planning.starts = () => true;
    expect(planning.at(11).running()).toEqual([]);
    planning.holds = () => false;
    expect(planning.at(12).running()).toHaveLength(2);
    expect(planning.store.services.get("web")?.waitsFor).toEqual([]);
  });

  test("goes on waiting through an update, more replicas, and the loss of a node", () => {
    const planning = waiting();
    planning.change("web", (each) => ({ ...each, specVersion: 2 }));
    expect(planning.at(20).running()).toEqual([]);
    const mode = { kind: "replicated", replicas: 4 } as const;
    planning.change("web", (each) => ({ ...each, spec: { ...each.spec, mode } }));
    expect(planning.at(30).running()).toEqual([]);
    planning.starts = () => true;
    planning.holds = () => false;
    expect(planning.at(40).at(120).running()).toHaveLength(4);
  });

  test("waits no more when it depends on nothing any more", () => {
    const planning = waiting();
    planning.change("web", (each) => ({ ...each, spec: { ...each.spec, dependsOn: [] } }));
    expect(planning.at(11).running()).toHaveLength(2);
  });
});

test("a service that was started does not wait again when what it depends on is gone", () => {
  const planning = new Planning(...nodes, db, web).at(10);
  expect(planning.running()).toHaveLength(2);
  planning.holds = ({ serviceId }) => serviceId === "db";
  for (const each of planning.running("db")) planning.report(each, "FAILED");
  planning.report(planning.running()[0] as never, "FAILED");
  expect(planning.at(11).running()).toHaveLength(2);
});

describe("a dependency", () => {
  const missing = (dependency: Service, ...others: StoreObject[]): string[] =>
    missingDependencies(storeOf(...nodes, dependency, ...others), web);
  const mode = (kind: Service["spec"]["mode"]): Service => ({
    ...db,
    spec: { ...db.spec, mode: kind },
    job: { iteration: 1, lastExecution: 0 as never },
  });
  const dbTask = (id: string, traits = {}) => task(id, { service: "db", ...traits });

  test("that does not exist is missing", () => {
    expect(missingDependencies(storeOf(), web)).toEqual(["db"]);
  });

  test("with replicas runs in full when all its slots do, on nodes that are there", () => {
    expect(missing(db, dbTask("a"), dbTask("b", { slot: 1 }))).toEqual(["db"]);
    expect(missing(db, dbTask("a"), dbTask("b", { slot: 2, state: "STARTING" }))).toEqual(["db"]);
    expect(missing(db, dbTask("a"), dbTask("b", { slot: 2, node: "n9" }))).toEqual(["db"]);
    expect(missing(db, dbTask("a"), dbTask("b", { slot: 2, node: "n2" }))).toEqual([]);
  });

  test("that is global has a task that runs, and none that does not", () => {
    const global = mode({ kind: "global" });
    const first = dbTask("a", { slot: 0 });
    expect(missing(global)).toEqual(["db"]);
    expect(missing(global, first)).toEqual([]);
    const second = dbTask("b", { slot: 0, node: "n2", state: "PREPARING" });
    expect(missing(global, first, second)).toEqual(["db"]);
  });

  test("that is a job is fulfilled once it has completed, in its present iteration", () => {
    const job = mode({ kind: "replicated-job", maxConcurrent: 1, totalCompletions: 2 });
    const done = (id: string, slot: number, jobIteration: number) => ({
      ...dbTask(id, { slot, state: "COMPLETE", desired: "SHUTDOWN" }),
      jobIteration,
    });
    expect(missing(job, done("a", 1, 1))).toEqual(["db"]);
    expect(missing(job, done("a", 1, 1), done("b", 2, 0))).toEqual(["db"]);
    expect(missing(job, done("a", 1, 1), done("b", 2, 1))).toEqual([]);
    const everywhere = mode({ kind: "global-job" });
    expect(missing(everywhere)).toEqual(["db"]);
    expect(missing(everywhere, done("a", 0, 1))).toEqual([]);
    const running = { ...dbTask("b", { slot: 0, node: "n2" }), jobIteration: 1 };
    expect(missing(everywhere, done("a", 0, 1), running)).toEqual(["db"]);
  });
});

test("a task that is rejected while it waits is replaced by one that waits", () => {
  const planning = waiting();
  const parked = planning.tasks()[0] as never;
  planning.report(parked, "REJECTED").at(20);
  expect(planning.running()).toEqual([]);
  expect(planning.tasks().filter((each) => each.desiredState === TaskState.READY)).toHaveLength(2);
});
