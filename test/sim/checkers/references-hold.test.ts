import { expect, test } from "vitest";
import type { StoreObject } from "../../../core/model/change.ts";
import { eventOf } from "../../../core/store/event.ts";
import { ReferencesHold } from "../../../sim/checkers/references-hold.ts";
import { network, secret, service, spec, volume } from "../../support/model.ts";
import { storeOf } from "../../support/store.ts";

const attached = (...targets: string[]) => {
  const plain = spec("web", { secrets: ["key"] });
  const networks = targets.map((target) => ({ target, aliases: [] }));
  return { ...service("web"), spec: { ...plain, task: { ...plain.task, networks } } };
};

function judged(current: StoreObject | null, previous: StoreObject | null, ...rest: StoreObject[]) {
  const checker = new ReferencesHold({ view: storeOf(...rest) });
  checker.committed({ events: [eventOf("control", previous, current)] });
  return checker.checks;
}

test("a service may name what is there, and what every engine has", () => {
  const web = attached("back", "host");
  expect(judged(web, null, web, secret("key"), network("back"))).toBe(1);
  expect(judged(service("plain"), null, service("plain"))).toBe(0);
});

test("a volume is named by its name", () => {
  const mounts = [{ kind: "cluster", source: "data", target: "/data", readOnly: false }] as const;
  const db = service("db", { mounts });
  expect(judged(db, null, db, volume("data"))).toBe(1);
  expect(() => judged(db, null, db)).toThrow("the service db names the volume data");
  expect(() => judged(null, volume("data"), db)).toThrow("names the volume data");
});

test("a service that names what is not there is told of, whichever of the two came first", () => {
  const web = attached("back");
  expect(() => judged(web, null, web, secret("key"))).toThrow("names the network back");
  expect(() => judged(web, null, web, network("back"))).toThrow("names the secret key");
  const gone = () => judged(null, network("back"), web, secret("key"));
  expect(gone).toThrow("the service web names the network back, which is not there");
});
