import { expect, test } from "vitest";
import type { Timestamp } from "../../../core/base/time.ts";
import type { StoreObject } from "../../../core/model/change.ts";
import { dockerEvent, eventLine, isIncluded } from "../../../real/docker-api/event.ts";
import { EventLog } from "../../../real/docker-api/event-log.ts";
import { eventRoutes } from "../../../real/docker-api/event-routes.ts";
import type { ApiRequest } from "../../../real/docker-api/routes.ts";
import type { WatchEvent } from "../../../real/wire/services.ts";
import { node, service, task } from "../../support/model.ts";

// Goal: what changes in the store is told as Docker tells it.

const now = 5_000_000 as Timestamp;
const web = service("web");

function change(previous: StoreObject | null, current: StoreObject | null): WatchEvent {
  return { index: 1, previous, current };
}

function attributes(previous: StoreObject | null, current: StoreObject | null) {
  return dockerEvent(change(previous, current), now)?.Actor.Attributes;
}

test("a service's image, replicas and the state of its update are told as old and new", () => {
  const container = { ...web.spec.task.container, image: "web:2" };
  const spec = { ...web.spec, task: { ...web.spec.task, container } };
  const mode = { kind: "replicated", replicas: 9 } as const;
  const status = { startedAt: now, completedAt: null, message: "", slots: null };
  const updating = { ...web, updateStatus: { ...status, state: "updating" } as const };
  const completed = { ...web, updateStatus: { ...status, state: "completed" } as const };
  expect(attributes(null, web)).toEqual({ name: "web" });
  expect(attributes(web, { ...web, spec })).toEqual({
    name: "web",
    "image.old": web.spec.task.container.image,
    "image.new": "web:2",
  });
  expect(attributes(web, { ...web, spec: { ...web.spec, mode } })).toMatchObject({
    "replicas.new": "9",
  });
  expect(attributes(web, updating)).toEqual({ name: "web", "updatestate.new": "updating" });
  expect(attributes(updating, completed)).toEqual({
    name: "web",
    "updatestate.old": "updating",
    "updatestate.new": "completed",
  });
});

test("a node's availability, role and state are told as old and new; tasks are not told of", () => {
  const one = node("n1");
  const drained = { ...one, spec: { ...one.spec, availability: "drain" } as const };
  expect(attributes(one, drained)).toMatchObject({
    "availability.old": "active",
    "availability.new": "drain",
  });
  expect(dockerEvent(change(null, task("t1")), now)).toBeNull();
});

test("an event is one line of JSON, with nanoseconds that no double could hold", () => {
  const event = dockerEvent(change(web, null), 1_795_635_431_777_467 as Timestamp);
  if (event === null) throw new Error("no event");
  expect(eventLine(event)).toBe(
    `{"Type":"service","Action":"remove","Actor":{"ID":"${web.id}",` +
      '"Attributes":{"name":"web"}},"scope":"swarm","time":1795635431,' +
      '"timeNano":1795635431777467000}\n',
  );
});

test.each([
  [{ type: ["service"] }, true],
  [{ type: ["node", "service"], event: ["create"] }, true],
  [{ event: ["remove"] }, false],
  [{ scope: ["local"] }, false],
  [{ service: ["we"] }, true],
  [{ node: ["we"] }, false],
  [{ label: ["name=web"] }, true],
])("the filters %j hold: %s", (filters, holds) => {
  const event = dockerEvent(change(null, web), now);
  if (event === null) throw new Error("no event");
  expect(isIncluded(event, new Map(Object.entries(filters)))).toBe(holds);
});

test("the past is kept, up to a bound, and a listener hears what comes", () => {
  const log = new EventLog();
  const heard: string[] = [];
  const stop = log.listen(({ Action }) => heard.push(Action));
  log.heard(change(null, web));
  stop();
  for (let count = 0; count < 5_000; count += 1) log.heard(change(web, web));
  expect(heard).toEqual(["create"]);
  expect(log.since(0).length).toBeLessThanOrEqual(2_048);
  expect(log.since(0).length).toBeGreaterThanOrEqual(1_024);
});

test.each([
  ["in two months", 60 * 86_400, ["create"]],
  ["now", 0, []],
])("events until %s end then, and not before", async (_, seconds, told) => {
  const log = new EventLog();
  const until = String(Date.now() / 1_000 + seconds);
  const query = new URLSearchParams({ until });
  const gone = new AbortController();
  const request = { query, signal: gone.signal } as ApiRequest;
  const [route] = eventRoutes(log, null);
  const { stream = [] } = (await route?.handle(request)) ?? {};
  setTimeout(() => log.heard(change(null, web)), 50);
  setTimeout(() => gone.abort(), 150);
  const actions: string[] = [];
  for await (const line of stream) {
    actions.push(/"Action":"(\w+)"/.exec(Buffer.from(line).toString())?.[1] ?? "");
  }
  expect(actions).toEqual(told);
});
