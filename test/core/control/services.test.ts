import { describe, expect, test } from "vitest";
import type { Command } from "../../../core/control/command.ts";
import { isRejection } from "../../../core/model/rejection.ts";
import type { Service, ServiceSpec } from "../../../core/model/service.ts";
import type { UpdateState, UpdateStatus } from "../../../core/model/update-config.ts";
import { ask } from "../../support/control.ts";
import { meta, moment, service, spec } from "../../support/model.ts";
import { commit, storeOf } from "../../support/store.ts";

// Goal: a user's change keeps what can be gone back to, and ends or goes on with a running update.

/** The service after the command, or why it was refused. */
function after(web: Service, command: Command): Service | string {
  const store = storeOf(web);
  const decided = ask(store, command);
  if (isRejection(decided)) return `${decided.code}: ${decided.message}`;
  commit(store, [decided]);
  return store.services.get("web") as Service;
}

function changed(web: Service, next: ServiceSpec): Service | string {
  const { id, meta: read } = web;
  return after(web, { kind: "update-service", id, version: read.version, spec: next });
}

function rolledBack(web: Service, version = web.meta.version): Service | string {
  return after(web, { kind: "rollback-service", id: "web", version });
}

function status(state: UpdateState): UpdateStatus {
  return { state, startedAt: moment(0), completedAt: null, message: "", slots: 3 };
}

const web = service("web", { replicas: 3, image: "web:2", specVersion: 4 });
const scaled = { ...web.spec, mode: { kind: "replicated", replicas: 5 } as const };
const newer = spec("web", { replicas: 3, image: "web:3" });
const older = spec("web", { replicas: 3, image: "web:1" });

describe("update-service", () => {
  test("keeps the spec that it replaces, counts the version and forgets the last update", () => {
    const before = { ...web, previousSpec: older, updateStatus: status("completed") };
    expect(changed(before, newer)).toMatchObject({
      spec: newer,
      specVersion: 5,
      previousSpec: web.spec,
      updateStatus: null,
    });
  });

  test("counts the version when the endpoint changes", () => {
    const endpoint = { ...web.spec.endpoint, mode: "dnsrr" } as const;
    expect(changed(web, { ...web.spec, endpoint })).toMatchObject({ specVersion: 5 });
  });

  test("keeps what it replaces also when it touches no task", () => {
    expect(changed({ ...web, updateStatus: status("completed") }, scaled)).toMatchObject({
      specVersion: 4,
      previousSpec: web.spec,
      updateStatus: null,
    });
  });

  test("that changes nothing leaves what may be gone back to", () => {
    const before = { ...web, previousSpec: older, updateStatus: status("completed") };
    expect(changed(before, web.spec)).toMatchObject({
      specVersion: 4,
      previousSpec: older,
      updateStatus: null,
    });
  });

  test.each(["updating", "rollback_started"] as const)(
    "lets an update that is %s go on when it touches no task, and what that may go back to",
    (state) => {
      const before = { ...web, previousSpec: older, updateStatus: status(state) };
      expect(changed(before, scaled)).toMatchObject({
        spec: scaled,
        specVersion: 4,
        previousSpec: { ...older, mode: scaled.mode },
        updateStatus: status(state),
      });
    },
  );

  test.each(["paused", "rollback_paused"] as const)(
    "takes up an update that is %s, and keeps what that may go back to",
    (state) => {
      const before = { ...web, previousSpec: older, updateStatus: status(state) };
      expect(changed(before, web.spec)).toMatchObject({
        specVersion: 4,
        previousSpec: older,
        updateStatus: null,
      });
    },
  );

  test("that leaves no replicas ends an update, which has completed nothing then", () => {
    const before = { ...web, previousSpec: older, updateStatus: status("updating") };
    const none = { ...web.spec, mode: { kind: "replicated", replicas: 0 } as const };
    expect(changed(before, none)).toMatchObject({
      specVersion: 4,
      previousSpec: { ...older, mode: none.mode },
      updateStatus: null,
    });
  });

  test("of the tasks ends an update in whatever state", () => {
    for (const state of ["updating", "paused", "rollback_started"] as const) {
      const before = { ...web, previousSpec: older, updateStatus: status(state) };
      expect(changed(before, newer)).toMatchObject({ previousSpec: web.spec, updateStatus: null });
    }
  });
});

describe("rollback-service", () => {
  test("swaps the specs and asks for a rollback", () => {
    const back = rolledBack({ ...web, previousSpec: older });
    expect(back).toMatchObject({
      spec: older,
      previousSpec: web.spec,
      specVersion: 5,
      updateStatus: {
        state: "rollback_started",
        message: "manually requested rollback",
        completedAt: null,
        slots: null,
      },
    });
    expect(rolledBack(back as Service)).toMatchObject({ spec: web.spec, previousSpec: older });
  });

  test("is refused where there is no previous spec", () => {
    expect(rolledBack(web)).toBe("FailedPrecondition: service web does not have a previous spec");
  });

  test("is refused when someone else was faster, and for a service that is not there", () => {
    const before = { ...web, meta: meta(7), previousSpec: older };
    expect(rolledBack(before, 6)).toBe("FailedPrecondition: update out of sequence");
    expect(after(before, { kind: "rollback-service", id: "api", version: 7 })).toBe(
      "NotFound: service api not found",
    );
  });
});
