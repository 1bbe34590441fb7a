import { describe, expect, test } from "vitest";
import type { Timestamp } from "../../../core/base/time.ts";
import type { Command } from "../../../core/control/command.ts";
import { isRejection } from "../../../core/model/rejection.ts";
import { ask } from "../../support/control.ts";
import { moment, service, spec } from "../../support/model.ts";
import { storeOf } from "../../support/store.ts";

// Goal: what would wait for ever is refused, in words that say what to do.

const on = (name: string, ...dependsOn: string[]) => service(name, { dependsOn });
const store = storeOf(on("db"), on("api", "db"), on("web", "api", "db"));

function refusal(command: Command): string {
  const decided = ask(store, command);
  return isRejection(decided) ? `${decided.code}: ${decided.message}` : "taken";
}

const create = (name: string, ...dependsOn: string[]): string =>
  refusal({ kind: "create-service", spec: spec(name, { dependsOn }) });
const update = (name: string, ...dependsOn: string[]): string =>
  refusal({ kind: "update-service", id: name, version: 1, spec: spec(name, { dependsOn }) });
const remove = (id: string): string => refusal({ kind: "remove-service", id });

describe("a service that depends on others", () => {
  test("waits for them from its creation on", () => {
    const command = { kind: "create-service", spec: spec("job", { dependsOn: ["db"] }) } as const;
    const decided = ask(store, command);
    const changes = isRejection(decided) ? [] : decided.changes;
    expect(changes).toMatchObject([{ object: { waitsFor: ["db"] } }]);
  });

  test("is refused when it names what is not there, or itself", () => {
    expect(create("cron", "db", "queue")).toBe(
      "InvalidArgument: service cron depends on queue, which does not exist: create it first",
    );
    expect(update("api", "queue")).toContain("which does not exist");
    expect(create("cron", "cron")).toBe("InvalidArgument: service cron cannot depend on itself");
  });

  test("is refused when that closes a circle", () => {
    expect(update("db", "web")).toBe(
      "InvalidArgument: services cannot depend on each other: db -> web -> db",
    );
    expect(update("api", "db")).toBe("taken");
    expect(update("db")).toBe("taken");
  });
});

test("a service is not removed that an update may be rolled back to", () => {
  const updateStatus = { state: "updating", startedAt: moment(1), message: "", slots: 1 } as const;
  const previousSpec = on("web", "db").spec;
  const removal = (completedAt: Timestamp | null) => {
    const web = { ...on("web"), previousSpec, updateStatus: { ...updateStatus, completedAt } };
    return ask(storeOf(on("db"), web), { kind: "remove-service", id: "db" });
  };
  expect(removal(null)).toMatchObject({ code: "InvalidArgument" });
  expect(isRejection(removal(moment(2)))).toBe(false);
});

test("a service that others depend on is not removed, but told of", () => {
  expect(remove("web")).toBe("taken");
  expect(remove("api")).toBe(
    "InvalidArgument: service 'api' is in use by the following service: web; " +
      "change what they depend on, or remove them first",
  );
  expect(remove("db")).toContain("is in use by the following services: api, web;");
});
