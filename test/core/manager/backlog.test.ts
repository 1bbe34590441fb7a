import { expect, test } from "vitest";
import { noBug } from "../../../core/base/planted.ts";
import { Backlog } from "../../../core/manager/backlog.ts";
import type { StoreObject } from "../../../core/model/change.ts";
import { meta, moment, node, service, settings, task } from "../../support/model.ts";
import { storeOf } from "../../support/store.ts";

/** A backlog that has been worked off once. */
function idle(...objects: StoreObject[]): Backlog {
  const backlog = new Backlog(storeOf(...objects), noBug);
  backlog.takeServices(moment(0));
  return backlog;
}

function note(backlog: Backlog, previous: StoreObject | null, current: StoreObject | null): void {
  backlog.note([{ actor: "control", previous, current }]);
}

test("a new Backlog holds everything: services and new tasks", () => {
  const backlog = new Backlog(
    storeOf(
      service("b"),
      service("a"),
      task("t1", { state: "NEW" }),
      task("t2", { state: "PENDING", service: "gone" }),
      task("t3"),
    ),
    noBug,
  );
  expect(backlog.takeServices(moment(0))).toEqual(["a", "b", "gone", "web"]);
  expect([...backlog.newTasks]).toEqual(["t1"]);
  expect(backlog.takeServices(moment(0))).toEqual([]);
});

test("Backlog.note() names the service of a task, and of every task on a node that changed", () => {
  const backlog = idle(node("n1"), task("t1"), task("t2", { service: "api" }));
  note(backlog, null, task("t3", { service: "db" }));
  expect(backlog.takeServices(moment(0))).toEqual(["db"]);
  note(backlog, node("n1"), node("n1", { state: "down" }));
  expect(backlog.takeServices(moment(0))).toEqual(["api", "web"]);
});

test("Backlog.note() names what has a slot on every node, whichever node has changed", () => {
  const logger = service("logger", { mode: { kind: "global" } });
  const backlog = idle(service("web"), logger);
  note(backlog, null, node("n9"));
  expect(backlog.takeServices(moment(0))).toEqual(["logger"]);
  const sweep = service("sweep", { mode: { kind: "global-job" } });
  note(backlog, logger, null);
  note(backlog, null, sweep);
  backlog.takeServices(moment(0));
  note(backlog, node("n9"), null);
  expect(backlog.takeServices(moment(0))).toEqual(["sweep"]);
});

test("Backlog.note() forgets tasks that are no longer wanted or there", () => {
  const backlog = idle(task("t1", { state: "NEW" }), task("t2", { state: "NEW" }));
  expect(backlog.newTasks.size).toBe(2);
  note(backlog, task("t1"), task("t1", { state: "NEW", desired: "SHUTDOWN" }));
  note(backlog, task("t2", { state: "NEW" }), null);
  expect(backlog.newTasks.size).toBe(0);
});

test("Backlog.wake() brings a service back at its moment, the last one asked for", () => {
  const backlog = idle();
  backlog.wake("web", moment(10));
  backlog.wake("api", moment(20));
  backlog.wake("web", moment(30));
  expect(backlog.takeServices(moment(19))).toEqual([]);
  expect(backlog.takeServices(moment(20))).toEqual(["api"]);
  expect(backlog.nextWake).toBe(moment(30));
  expect(backlog.takeServices(moment(30))).toEqual(["web"]);
  expect(backlog.nextWake).toBeNull();
});

test("Backlog.wake() with nothing cancels, and the same moment again is one wake", () => {
  const backlog = idle();
  backlog.wake("web", moment(10));
  backlog.wake("web", null);
  expect(backlog.takeServices(moment(50))).toEqual([]);
  backlog.wake("web", moment(60));
  backlog.wake("web", moment(60));
  expect(backlog.takeServices(moment(60))).toEqual(["web"]);
  expect(backlog.takeServices(moment(60))).toEqual([]);
});

test("Backlog.note() looks at every service again when the cluster's settings change", () => {
  const backlog = idle(service("web"), service("api"), node("n1", { state: "down" }));
  backlog.orphanAt = null;
  const cluster = settings();
  note(backlog, cluster, { ...cluster, meta: meta(2) });
  expect(backlog.takeServices(moment(0))).toEqual(["api", "web"]);
  expect(backlog.orphanAt).toBe(moment(0));
});

test("Backlog.note() wakes those that wait for a service with what happens to it", () => {
  const waiting = service("web", { waitsFor: ["db"] });
  const objects = [service("db"), service("api", { dependsOn: ["db"] }), waiting];
  const backlog = idle(...objects, node("n1"), task("t1", { service: "db" }));
  note(backlog, null, task("t2", { service: "db" }));
  expect(backlog.takeServices(moment(0))).toEqual(["db", "web"]);
  note(backlog, node("n1"), node("n1", { state: "down" }));
  expect(backlog.takeServices(moment(0))).toEqual(["db", "web"]);
  note(backlog, waiting, service("web", { dependsOn: ["db"] }));
  expect(backlog.takeServices(moment(0))).toEqual(["web"]);
  note(backlog, null, task("t3", { service: "db" }));
  expect(backlog.takeServices(moment(0))).toEqual(["db"]);
});

test("Backlog knows which nodes are down, those that were so before it among them", () => {
  const backlog = idle(node("n1", { state: "down" }), node("n2"));
  expect([...backlog.downNodes]).toEqual(["n1"]);
  expect(backlog.orphanAt).toBe(moment(0));
  note(backlog, node("n2"), node("n2", { state: "down" }));
  note(backlog, node("n1", { state: "down" }), node("n1"));
  expect([...backlog.downNodes]).toEqual(["n2"]);
  note(backlog, node("n2", { state: "down" }), null);
  expect([...backlog.downNodes]).toEqual([]);
});
