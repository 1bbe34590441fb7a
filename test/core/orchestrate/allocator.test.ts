import { expect, test } from "vitest";
import { noBug } from "../../../core/base/planted.ts";
import type { PortConfig } from "../../../core/model/endpoint.ts";
import type { Service } from "../../../core/model/service.ts";
import { TaskState } from "../../../core/model/task-state.ts";
import { Addresses } from "../../../core/orchestrate/addresses.ts";
import { allocate, allocatePorts } from "../../../core/orchestrate/allocator.ts";
import type { PlanContext } from "../../../core/plan/plan.ts";
import { moment, network, port, service, task } from "../../support/model.ts";
import { context, storeOf } from "../../support/store.ts";

function allocated(plan: PlanContext, id: string, withoutPorts: readonly string[] = []) {
  return allocate(plan, new Addresses(plan.view, noBug), id, new Set(withoutPorts));
}

test("allocate() moves a new task on to PENDING", () => {
  const store = storeOf(task("t1", { state: "NEW" }));
  const [moved, ...others] = allocated(context(store, 3), "t1");
  expect(others).toEqual([]);
  expect(moved?.actor).toBe("allocator");
  expect(moved?.changes[0]).toMatchObject({
    kind: "update",
    object: { status: { state: TaskState.PENDING, appliedAt: moment(3) } },
  });
});

test("allocate() leaves alone what is not new, not wanted or not there", () => {
  const store = storeOf(
    task("t1", { state: "PENDING" }),
    task("t2", { state: "NEW", desired: "SHUTDOWN" }),
    task("t3", { state: "NEW", desired: "REMOVE" }),
  );
  for (const id of ["t1", "t2", "t3", "t4"]) expect(allocated(context(store), id)).toEqual([]);
});

test("allocate() takes a parked task too, so that it is prepared before its turn", () => {
  const store = storeOf(task("t1", { state: "NEW", desired: "READY" }));
  expect(allocated(context(store), "t1")).toHaveLength(1);
});

test("allocate() gives a task the ports of its service, once the service has them", () => {
  const [wanted, given] = [port({ publishedPort: 0 }), port({ publishedPort: 30_000 })];
  const waiting = storeOf(service("web", { ports: [wanted] }), task("t1", { state: "NEW" }));
  expect(allocated(context(waiting), "t1")).toEqual([]);
  const web = { ...service("web", { ports: [wanted] }), ports: [given] };
  const [moved] = allocated(context(storeOf(web, task("t1", { state: "NEW" }))), "t1");
  expect(moved?.changes[0]).toMatchObject({ object: { ports: [given] } });
});

test("allocate() gives a task the networks that it names, and no others", () => {
  const back = network("back", { internal: true });
  const plain = task("t1", { state: "NEW" });
  const networks = ["back", "host"].map((target) => ({ target, aliases: [] }));
  const attached = { ...plain, spec: { ...plain.spec, networks } };
  const [moved] = allocated(context(storeOf(back, network("front"), attached)), "t1");
  expect(moved?.changes[0]).toMatchObject({
    object: { networks: [{ id: "back", spec: { internal: true } }] },
  });
});

test("allocatePorts() takes what is asked for, and the lowest free one otherwise", () => {
  const other = { ...service("other"), ports: [port({ publishedPort: 30_001 })] };
  const ports = [
    port({ targetPort: 1 }),
    port({ targetPort: 2, publishedPort: 8080 }),
    port({ targetPort: 3 }),
    port({ targetPort: 4, publishMode: "host" }),
  ];
  const [given] = allocatePorts(context(storeOf(other, service("web", { ports }))), "web") ?? [];
  const published = [30_000, 8080, 30_002, 0];
  expect(given?.changes[0]).toMatchObject({
    object: { ports: published.map((publishedPort) => ({ publishedPort })) },
  });
});

test("allocatePorts() keeps the number that a port has had, and changes nothing that fits", () => {
  const ports = [port({ targetPort: 1 }), port({ targetPort: 2 })];
  const had = [port({ targetPort: 2, publishedPort: 31_000 })];
  const [given] =
    allocatePorts(context(storeOf({ ...service("web", { ports }), ports: had })), "web") ?? [];
  expect(given?.changes[0]).toMatchObject({
    object: { ports: [{ publishedPort: 30_000 }, { publishedPort: 31_000 }] },
  });
  const fits = {
    ...service("web", { ports }),
    ports: ports.map((each) => ({ ...each, publishedPort: 7 })),
  };
  expect(allocatePorts(context(storeOf(fits)), "web")).toEqual([]);
});

test("allocatePorts() never gives two ports of a service one number", () => {
  const open = port({ publishedPort: 0 });
  const had = [port({ publishedPort: 30_000 }), port({ publishedPort: 30_001 })];
  const numbersOf = (ports: readonly PortConfig[]) => {
    const web = { ...service("web", { ports: [...ports] }), ports: had };
    const changed = allocatePorts(context(storeOf(web)), "web")?.[0]?.changes[0];
    return (changed as { object: Service }).object.ports.map(({ publishedPort }) => publishedPort);
  };
  expect(numbersOf([open, open, open])).toEqual([30_000, 30_001, 30_002]);
  expect(numbersOf([open, open, port({ publishedPort: 30_000, targetPort: 81 })])).toEqual([
    30_001, 30_002, 30_000,
  ]);
});

test.each([
  ["fewer", [{ publishedPort: 8080 }, { publishedPort: 8081 }], [{ publishedPort: 8080 }]],
  ["on hosts", [{ publishedPort: 8080 }], [{ publishedPort: 8080, publishMode: "host" }]],
  [
    "on hosts wherever",
    [{ publishedPort: 8080, publishMode: "host" }],
    [{ publishedPort: 0, publishMode: "host" }],
  ],
] as const)("allocatePorts() takes back what is not asked for any more: %s", (_, had, wanted) => {
  const web = { ...service("web", { ports: wanted }), ports: had.map(port) };
  const [given] = allocatePorts(context(storeOf(web)), "web") ?? [];
  expect(given?.changes[0]).toMatchObject({ object: { ports: wanted.map(port) } });
});

test("allocatePorts() says so when no port is free, and allocate() tells it to the task", () => {
  const all = Array.from({ length: 2768 }, (_, at) => port({ publishedPort: 30_000 + at }));
  const full = { ...service("full"), ports: all };
  const web = service("web", { ports: [port()] });
  const [told] = allocated(context(storeOf(full, web, task("t1", { state: "NEW" }))), "t1", [
    "web",
  ]);
  const err = expect.stringContaining("no port between 30000 and 32767 is free");
  expect(told?.changes[0]).toMatchObject({ object: { status: { state: TaskState.NEW, err } } });
  expect(allocatePorts(context(storeOf(full, web)), "web")).toBeNull();
  const udp = service("web", { ports: [port({ protocol: "udp" })] });
  expect(allocatePorts(context(storeOf(full, udp)), "web")).toHaveLength(1);
});
