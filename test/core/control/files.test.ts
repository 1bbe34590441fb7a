import { describe, expect, test } from "vitest";
import { answer } from "../../../core/control/answer.ts";
import { outcome } from "../../support/control.ts";
import { config, fileReference, secret, service, spec } from "../../support/model.ts";
import { askedManager } from "../../support/raft.ts";
import { storeOf } from "../../support/store.ts";

// Goal: secrets and configs are kept whole, named once, and not taken from under a service.

const file = (name: string, data = "aGVsbG8=") => ({ name, labels: new Map(), data });

describe.each(["secret", "config"] as const)("a %s", (table) => {
  const create = `create-${table}` as const;
  const remove = `remove-${table}` as const;
  const object = table === "secret" ? secret("key") : config("key");

  test("is created once under its name", () => {
    const store = storeOf();
    expect(outcome(store, { kind: create, spec: file("key") })).toBe("done");
    expect(store.named(table, "key")?.spec.data).toBe("aGVsbG8=");
    const again = outcome(store, { kind: create, spec: file("key") });
    expect(again).toBe(`AlreadyExists: ${table} key already exists`);
  });

  test.each([
    ["", "name must be provided"],
    ["-key", "invalid name"],
    ["a b", "invalid name"],
    [`${"a".repeat(63)}!`, "invalid name"],
    ["a".repeat(65), "invalid name"],
  ])("is not called %j", (name, what) => {
    expect(outcome(storeOf(), { kind: create, spec: file(name) })).toContain(
      `InvalidArgument: ${what}`,
    );
  });

  test("has some content, within bounds, in base 64", () => {
    const most = table === "secret" ? 500 * 1024 : 1000 * 1024;
    const tooMuch = Buffer.alloc(most).toString("base64");
    for (const data of ["", tooMuch]) {
      expect(outcome(storeOf(), { kind: create, spec: file("key", data) })).toBe(
        `InvalidArgument: ${table} data must be larger than 0 and less than ${most} bytes`,
      );
    }
    const all = Buffer.alloc(most - 1).toString("base64");
    expect(outcome(storeOf(), { kind: create, spec: file("key", all) })).toBe("done");
    expect(outcome(storeOf(), { kind: create, spec: file("key", "a=b") })).toContain("base 64");
  });

  test("changes nothing but its labels", () => {
    const store = storeOf(object);
    const update = { kind: `update-${table}`, id: "key", version: 1 } as const;
    expect(outcome(store, { ...update, spec: { ...object.spec, data: "b3RoZXI=" } })).toBe(
      "InvalidArgument: only updates to Labels are allowed",
    );
    const labels = new Map([["team", "a"]]);
    expect(outcome(store, { ...update, spec: { ...object.spec, data: "", labels } })).toBe("done");
    expect(store.named(table, "key")?.spec).toEqual({ ...object.spec, labels });
    expect(outcome(store, { ...update, spec: object.spec })).toBe(
      "FailedPrecondition: update out of sequence",
    );
  });

  test("is not removed while a service names it, or while an update may go back to one", () => {
    const traits = table === "secret" ? { secrets: ["key"] } : { configs: ["key"] };
    const web = service("web", traits);
    const inUse = `InvalidArgument: ${table} 'key' is in use by the following service: web`;
    expect(outcome(storeOf(object, web), { kind: remove, id: "key" })).toBe(inUse);
    const moved = { ...service("web"), previousSpec: web.spec };
    const status = { state: "updating", message: "", startedAt: web.meta.createdAt } as const;
    const under = { ...moved, updateStatus: { ...status, completedAt: null, slots: null } };
    expect(outcome(storeOf(object, under), { kind: remove, id: "key" })).toBe(inUse);
    expect(outcome(storeOf(object, moved), { kind: remove, id: "key" })).toBe("done");
  });

  test("that does not exist is neither removed nor named by a service", () => {
    expect(outcome(storeOf(), { kind: remove, id: "key" })).toBe(
      `NotFound: ${table} key not found`,
    );
    const references = table === "secret" ? { secrets: ["a", "b"] } : { configs: ["a", "b"] };
    expect(outcome(storeOf(), { kind: "create-service", spec: spec("web", references) })).toBe(
      `InvalidArgument: ${table}s not found: a, b`,
    );
  });

  test("is not named by a service that calls it by another name", () => {
    const web = spec("web", table === "secret" ? { secrets: ["old"] } : { configs: ["old"] });
    const stored = table === "secret" ? secret("old") : config("old");
    const renamed = { ...stored, spec: { ...stored.spec, name: "new" } };
    expect(outcome(storeOf(renamed), { kind: "create-service", spec: web })).toBe(
      `InvalidArgument: ${table} not found: old`,
    );
    expect(outcome(storeOf(stored), { kind: "create-service", spec: web })).toBe("done");
  });
});

test("two secrets of a service do not share a path", () => {
  const base = spec("web", { secrets: ["a"] });
  const secrets = [fileReference("a"), { ...fileReference("b"), target: "a" }];
  const container = { ...base.task.container, secrets };
  const web = { ...base, task: { ...base.task, container } };
  expect(outcome(storeOf(secret("a"), secret("b")), { kind: "create-service", spec: web })).toBe(
    "InvalidArgument: secret references 'a' and 'b' have a conflicting target: 'a'",
  );
});

test("a list of secrets does not tell them", () => {
  const [told] = answer(
    storeOf(secret("key", "aGVsbG8=")),
    { kind: "list-secrets" },
    askedManager(),
  );
  expect(told).toMatchObject({ id: "key", spec: { name: "key", data: "" } });
});
