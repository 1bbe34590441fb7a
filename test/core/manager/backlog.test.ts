import { expect, test } from "vitest";
import { noBug } from "../../../core/base/planted.ts";
import { Backlog, type Due } from "../../../core/manager/backlog.ts";
import type { StoreObject } from "../../../core/model/change.ts";
import { eventOf } from "../../../core/store/event.ts";
import { meta, moment, node, service, settings, task } from "../../support/model.ts";
import { storeOf } from "../../support/store.ts";

/** A backlog that has been worked off once. */
function idle(...objects: StoreObject[]): Backlog {
  const backlog = new Backlog(storeOf(...objects), noBug);
  services(backlog, 0);
  return backlog;
}

function note(backlog: Backlog, previous: StoreObject | null, current: StoreObject | null): void {
  backlog.note([eventOf("control", previous, current)]);
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
  expect(services(backlog, 0)).toEqual(["a", "b", "gone", "web"]);
  expect([backlog.newTasks.get("t1"), backlog.newTasks.size]).toEqual([null, 1]);
  expect(services(backlog, 0)).toEqual([]);
});

test("Backlog.note() names the service of a task, and of every task on a node that changed", () => {
  const backlog = idle(node("n1"), task("t1"), task("t2", { service: "api" }));
  note(backlog, null, task("t3", { service: "db" }));
  expect(services(backlog, 0)).toEqual(["db"]);
  note(backlog, node("n1"), node("n1", { state: "down" }));
  expect(services(backlog, 0)).toEqual(["api", "web"]);
});

test("Backlog.note() names what has a slot on every node, whichever node has changed", () => {
  const logger = service("logger", { mode: { kind: "global" } });
  const backlog = idle(service("web"), logger);
  note(backlog, null, node("n9"));
  expect(services(backlog, 0)).toEqual(["logger"]);
  const sweep = service("sweep", { mode: { kind: "global-job" } });
  note(backlog, logger, null);
  note(backlog, null, sweep);
  services(backlog, 0);
  note(backlog, node("n9"), null);
  expect(services(backlog, 0)).toEqual(["sweep"]);
});

test("Backlog.note() forgets tasks that are no longer wanted or there", () => {
  const backlog = idle(task("t1", { state: "NEW" }), task("t2", { state: "NEW" }));
  expect(backlog.newTasks.size).toBe(2);
  note(backlog, task("t1"), task("t1", { state: "NEW", desired: "SHUTDOWN" }));
  note(backlog, task("t2", { state: "NEW" }), null);
  expect(backlog.newTasks.size).toBe(0);
});

function services(backlog: Backlog, second: number): string[] {
  return backlog.take(moment(second)).map(({ service }) => service);
}

/** Looked at as a whole, with nothing to do before `wakeAt`. */
function look(backlog: Backlog, service: string, wakeAt: number | null, isBySlot = false): void {
  const at = wakeAt === null ? null : moment(wakeAt);
  backlog.lookedAtAll(service, { transactions: [], wakeAt: at, slotWakes: [], isBySlot });
}

test("Backlog brings a service back at its moment, the last one asked for", () => {
  const backlog = idle();
  look(backlog, "web", 10);
  look(backlog, "api", 20);
  look(backlog, "web", 30);
  expect(services(backlog, 19)).toEqual([]);
  expect(services(backlog, 20)).toEqual(["api"]);
  expect(backlog.nextWake).toBe(moment(30));
  expect(services(backlog, 30)).toEqual(["web"]);
  expect(backlog.nextWake).toBeNull();
});

test("Backlog: a look that leads to no moment cancels the one before, and the same is one", () => {
  const backlog = idle();
  look(backlog, "web", 10);
  look(backlog, "web", null);
  expect(services(backlog, 50)).toEqual([]);
  look(backlog, "web", 60);
  look(backlog, "web", 60);
  expect(services(backlog, 60)).toEqual(["web"]);
  expect(services(backlog, 60)).toEqual([]);
});

function slots(due: readonly Due[]): string[] {
  return due.map(({ service, slots }) => `${service} ${slots === null ? "all" : [...slots]}`);
}

test("Backlog names single slots of a service that is looked at by slot, until it changes", () => {
  const [first, second] = [task("t1", { slot: 1 }), task("t2", { slot: 2 })];
  const backlog = idle(service("web"), node("n1"), first, second);
  note(backlog, null, first);
  expect(slots(backlog.take(moment(0)))).toEqual(["web all"]);
  look(backlog, "web", null, true);
  note(backlog, null, first);
  note(backlog, null, second);
  expect(slots(backlog.take(moment(0)))).toEqual(["web 1,2"]);
  note(backlog, null, second);
  note(backlog, service("web"), service("web"));
  expect(slots(backlog.take(moment(0)))).toEqual(["web all"]);
});

test("Backlog wakes a slot at its own moment, and keeps those of others", () => {
  const backlog = idle(service("web"));
  const slotWakes = [1, 2].map((slot) => ({ slot, at: moment(10 * slot) }));
  const plan = { transactions: [], wakeAt: null, isBySlot: true };
  backlog.lookedAtAll("web", { ...plan, slotWakes });
  backlog.lookedAt("web", [1], { ...plan, slotWakes: [{ slot: 1, at: moment(30) }] });
  expect(slots(backlog.take(moment(10)))).toEqual([]);
  expect(slots(backlog.take(moment(20)))).toEqual(["web 2"]);
  expect(slots(backlog.take(moment(30)))).toEqual(["web 1"]);
  expect(backlog.nextWake).toBeNull();
});

test("Backlog.putBack() keeps what there was no room for, a whole service as a whole", () => {
  const backlog = idle(service("api"), service("web"));
  look(backlog, "web", null, true);
  backlog.putBack({ service: "web", slots: [3] });
  expect(slots(backlog.take(moment(0)))).toEqual(["web 3"]);
  backlog.putBack({ service: "web", slots: null });
  expect(slots(backlog.take(moment(0)))).toEqual(["web all"]);
});

test("Backlog.note() looks at every service again when the cluster's settings change", () => {
  const backlog = idle(service("web"), service("api"), node("n1", { state: "down" }));
  backlog.orphanAt = null;
  const cluster = settings();
  note(backlog, cluster, { ...cluster, meta: meta(2) });
  expect(services(backlog, 0)).toEqual(["api", "web"]);
  expect(backlog.orphanAt).toBe(moment(0));
});

test("Backlog.note() wakes those that wait for a service with what happens to it", () => {
  const waiting = service("web", { waitsFor: ["db"] });
  const objects = [service("db"), service("api", { dependsOn: ["db"] }), waiting];
  const backlog = idle(...objects, node("n1"), task("t1", { service: "db" }));
  note(backlog, null, task("t2", { service: "db" }));
  expect(services(backlog, 0)).toEqual(["db", "web"]);
  note(backlog, node("n1"), node("n1", { state: "down" }));
  expect(services(backlog, 0)).toEqual(["db", "web"]);
  note(backlog, waiting, service("web", { dependsOn: ["db"] }));
  expect(services(backlog, 0)).toEqual(["web"]);
  note(backlog, null, task("t3", { service: "db" }));
  expect(services(backlog, 0)).toEqual(["db"]);
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
