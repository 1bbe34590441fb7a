import { expect, test } from "vitest";
import type { Timestamp } from "../../../core/base/time.ts";
import type { Command } from "../../../core/control/command.ts";
import type { Mount } from "../../../core/model/mount.ts";
import { outcome } from "../../support/control.ts";
import { moment, service, spec, volume } from "../../support/model.ts";
import { storeOf } from "../../support/store.ts";

const mount = (source: string, target = "/data"): Mount => ({
  kind: "cluster",
  source,
  target,
  readOnly: false,
});

test("a volume is created once under its name, on no node yet", () => {
  const store = storeOf();
  const create: Command = { kind: "create-volume", spec: volume("data").spec };
  expect(outcome(store, create)).toBe("done");
  expect(store.named("volume", "data")?.nodeId).toBeNull();
  expect(outcome(store, create)).toBe("AlreadyExists: volume data already exists");
  const wrong = { ...volume("data").spec, name: "-data" };
  expect(outcome(store, { kind: "create-volume", spec: wrong })).toContain("InvalidArgument");
});

test("a volume keeps its name and its driver", () => {
  const store = storeOf(volume("data", "n1"));
  const update = { kind: "update-volume", id: "data", version: 1 } as const;
  const { spec: before } = volume("data");
  expect(outcome(store, { ...update, spec: { ...before, driver: "nfs" } })).toBe(
    "InvalidArgument: cannot update volume driver",
  );
  expect(outcome(store, { ...update, spec: { ...before, availability: "drain" } })).toBe("done");
  expect(store.volumes.get("data")).toMatchObject({
    nodeId: "n1",
    spec: { availability: "drain" },
  });
});

test("a volume is not removed while a service mounts it", () => {
  const web = service("web", { mounts: [mount("data")] });
  expect(outcome(storeOf(volume("data"), web), { kind: "remove-volume", id: "data" })).toBe(
    "FailedPrecondition: volume 'data' is in use by the following service: web",
  );
  expect(outcome(storeOf(volume("data")), { kind: "remove-volume", id: "data" })).toBe("done");
});

test("a volume is kept for the rollback of an update that is under way, and no longer", () => {
  const before = service("web", { mounts: [mount("data")] }).spec;
  const removal = (completedAt: Timestamp | null) => {
    const updateStatus = { state: "updating", startedAt: moment(1), message: "" } as const;
    const status = { ...updateStatus, completedAt, slots: 2 };
    const web = { ...service("web"), previousSpec: before, updateStatus: status };
    return outcome(storeOf(volume("data"), web), { kind: "remove-volume", id: "data" });
  };
  expect(removal(null)).toContain("volume 'data' is in use");
  expect(removal(moment(2))).toBe("done");
});

test("a service mounts volumes that exist, each path once, filled in too", () => {
  const create = (...mounts: Mount[]): Command => ({
    kind: "create-service",
    spec: spec("web", { mounts }),
  });
  expect(outcome(storeOf(), create(mount("data")))).toBe(
    "InvalidArgument: volume not found: data; create it first",
  );
  const store = storeOf(volume("data"), volume("logs"));
  expect(outcome(store, create(mount("data"), mount("logs")))).toBe(
    "InvalidArgument: ContainerSpec: duplicate mount point: /data",
  );
  const slotOne = mount("logs", "/logs-{{.Task.Slot}}");
  expect(outcome(store, create(slotOne, mount("data", "/logs-1")))).toBe(
    "InvalidArgument: ContainerSpec: duplicate mount point: /logs-1",
  );
  expect(outcome(store, create(mount("data"), mount("logs", "/logs")))).toBe("done");
});
