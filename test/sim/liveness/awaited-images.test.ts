import { expect, test } from "vitest";
import type { UpdateState } from "../../../core/model/update-config.ts";
import { awaitedImages } from "../../../sim/liveness/awaited-images.ts";
import { moment, service } from "../../support/model.ts";
import { storeOf } from "../../support/store.ts";

/** A service of the image `web:1` whose update stands so. */
function standing(state: UpdateState) {
  const status = { state, startedAt: moment(0), completedAt: null, message: "", slots: 1 };
  return storeOf({ ...service("web"), updateStatus: status });
}

test("awaitedImages() names what only a user can put right, and no other image", () => {
  const bad = new Map([
    ["web:1", 0],
    ["web:2", 0],
  ]);
  expect([...awaitedImages(standing("paused"), bad)]).toEqual(["web:1"]);
  expect([...awaitedImages(standing("rollback_paused"), bad)]).toEqual(["web:1"]);
  expect([...awaitedImages(standing("rollback_completed"), bad)]).toEqual(["web:1"]);
  expect([...awaitedImages(storeOf(service("web")), bad)]).toEqual(["web:1"]);
  expect([...awaitedImages(standing("updating"), bad)]).toEqual([]);
  expect([...awaitedImages(standing("rollback_started"), bad)]).toEqual([]);
  expect([...awaitedImages(standing("paused"), new Map())]).toEqual([]);
});
