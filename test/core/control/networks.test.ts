import { expect, test } from "vitest";
import type { Command } from "../../../core/control/command.ts";
import type { NetworkAttachment } from "../../../core/model/network.ts";
import { outcome } from "../../support/control.ts";
import { network, service, spec } from "../../support/model.ts";
import { storeOf } from "../../support/store.ts";

// Goal: networks are created once, found by name or id, and kept while a service may need them.

const create = (name: string): Command => {
  return { kind: "create-network", spec: network(name).spec };
};
const remove = (id: string): Command => ({ kind: "remove-network", id });

function attached(...targets: string[]) {
  const networks = targets.map((target): NetworkAttachment => ({ target, aliases: ["www"] }));
  const plain = spec("web");
  return { ...plain, task: { ...plain.task, networks } };
}

test("a network is created once under its name, none of those that are always there", () => {
  const store = storeOf();
  expect(outcome(store, create("back"))).toBe("done");
  expect(outcome(store, create("back"))).toBe("AlreadyExists: network back already exists");
  for (const name of ["host", "none", "bridge", "ingress"]) {
    expect(outcome(store, create(name))).toContain(`network ${name} is predefined`);
  }
  expect(outcome(store, create("-x"))).toContain("must be valid as a DNS name component");
  expect(outcome(store, create(`${"a".repeat(62)}!`))).toContain("must be valid as a DNS name");
  expect(outcome(store, create(""))).toContain("name must be provided");
});

test("a service names a network as people do, and keeps its id", () => {
  const store = storeOf({ ...network("back"), id: "n1" });
  const given = { kind: "create-service", spec: attached("back", "host") } as const;
  expect(outcome(store, given)).toBe("done");
  const web = store.named("service", "web");
  expect(web?.spec.task.networks).toEqual([
    { target: "n1", aliases: ["www"] },
    { target: "host", aliases: ["www"] },
  ]);
  const { id = "", meta } = web ?? {};
  const version = meta?.version ?? 0;
  const moved = { kind: "update-service", id, version, spec: attached("back") } as const;
  expect(outcome(store, moved)).toBe("done");
  expect(store.services.get(id)?.spec.task.networks[0]?.target).toBe("n1");
});

test("a service is attached to nothing that is not there, nor twice, nor to ingress", () => {
  const store = storeOf(network("back"));
  const asked = (...targets: string[]) =>
    outcome(store, { kind: "create-service", spec: attached(...targets) });
  expect(asked("front")).toBe("NotFound: network front not found");
  expect(asked("back", "back")).toBe("InvalidArgument: network back is named twice");
  expect(asked("ingress")).toContain("cannot be explicitly attached to the ingress network");
});

test("a network stays while a service is attached, or may be rolled back to where it was", () => {
  const before = attached("back");
  const using = { ...service("web"), spec: before };
  const inUse = "FailedPrecondition: network 'back' is in use by the following service: web";
  expect(outcome(storeOf(network("back"), using), remove("back"))).toBe(inUse);
  const updateStatus = {
    ...({ state: "updating", message: "", slots: 1, completedAt: null } as const),
    startedAt: using.meta.createdAt,
  };
  const moving = { ...service("web"), previousSpec: before, updateStatus };
  expect(outcome(storeOf(network("back"), moving), remove("back"))).toBe(inUse);
  const store = storeOf(network("back"), service("web"));
  expect(outcome(store, remove("back"))).toBe("done");
  expect(outcome(store, remove("back"))).toBe("NotFound: network back not found");
  expect(outcome(store, remove("host"))).toContain("network host is predefined");
});
