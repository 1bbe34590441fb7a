import { expect, test } from "vitest";
import { checkLinearizable, type Operation } from "../../../sim/checkers/linearizability.ts";
import {
  type ServiceInput,
  type ServiceOutput,
  serviceModel,
} from "../../../sim/checkers/service-model.ts";

// Goal: the model of a service name takes what the control API may answer, and nothing else.
// Method: histories of one client after another; each line is asked after the one before.

type Line = readonly [ServiceInput, ServiceOutput | null];

const key = "web";
const create = (value: number): ServiceInput => ({ kind: "create", key, value });
const update = (id: string, version: number, value: number): ServiceInput => {
  return { kind: "update", key, id, version, from: 0, value };
};
const remove = (id: string): ServiceInput => ({ kind: "remove", key, id });
const read: ServiceInput = { kind: "read", key };

const done = (id: string): ServiceOutput => ({ kind: "done", id });
const refused = (code: "AlreadyExists" | "NotFound" | "FailedPrecondition"): ServiceOutput => {
  return { kind: "refused", code };
};
const found = (id: string, version: number, value: number): ServiceOutput => {
  return { kind: "found", service: { id, version, value } };
};
const absent: ServiceOutput = { kind: "absent" };

function isAllowed(...lines: Line[]): boolean {
  const history = lines.map(([input, output], at): Operation<ServiceInput, ServiceOutput> => {
    const returnedAt = output === null ? null : 2 * at + 1;
    return { process: at, input, output, invokedAt: 2 * at, returnedAt };
  });
  return checkLinearizable(serviceModel, history).kind === "linearizable";
}

test("a service is created once, read, changed at the version that was read, and removed", () => {
  const life: Line[] = [
    [read, absent],
    [create(1), done("a")],
    [create(2), refused("AlreadyExists")],
    [read, found("a", 5, 1)],
    [update("a", 5, 3), done("a")],
    [update("a", 5, 4), refused("FailedPrecondition")],
    [read, found("a", 8, 3)],
    [remove("a"), done("a")],
    [remove("a"), refused("NotFound")],
    [read, absent],
    [update("a", 8, 4), refused("NotFound")],
    [create(5), done("b")],
    [read, found("b", 12, 5)],
  ];
  expect(isAllowed(...life)).toBe(true);
});

test("a read must see the value, the id and the version that are there", () => {
  const made: Line[] = [
    [create(1), done("a")],
    [read, found("a", 5, 1)],
  ];
  expect(isAllowed(...made, [read, found("a", 5, 1)])).toBe(true);
  expect(isAllowed(...made, [read, found("a", 5, 2)])).toBe(false);
  expect(isAllowed(...made, [read, found("b", 5, 1)])).toBe(false);
  expect(isAllowed(...made, [read, found("a", 6, 1)])).toBe(false);
  expect(isAllowed(...made, [read, absent])).toBe(false);
});

test("a version is above all that were seen before", () => {
  const changed: Line[] = [
    [create(1), done("a")],
    [read, found("a", 5, 1)],
    [update("a", 5, 2), done("a")],
  ];
  expect(isAllowed(...changed, [read, found("a", 9, 2)])).toBe(true);
  expect(isAllowed(...changed, [read, found("a", 5, 2)])).toBe(false);
  expect(isAllowed(...changed, [read, found("a", 3, 2)])).toBe(false);
});

test("an update names the version that is there, or is refused", () => {
  const made: Line[] = [
    [create(1), done("a")],
    [read, found("a", 5, 1)],
    [update("a", 5, 2), done("a")],
  ];
  expect(isAllowed(...made, [update("a", 5, 3), done("a")])).toBe(false);
  expect(isAllowed(...made, [read, found("a", 6, 2)], [update("a", 6, 3), done("a")])).toBe(true);
  const refusal = refused("FailedPrecondition");
  expect(isAllowed(...made, [read, found("a", 6, 2)], [update("a", 6, 3), refusal])).toBe(false);
});

test("a refusal must be true", () => {
  expect(isAllowed([create(1), refused("AlreadyExists")])).toBe(false);
  expect(isAllowed([create(1), done("a")], [create(2), done("b")])).toBe(false);
  expect(isAllowed([create(1), done("a")], [remove("a"), refused("NotFound")])).toBe(false);
});

test("an unknown update of an old version never takes effect", () => {
  const changed: Line[] = [
    [create(1), done("a")],
    [read, found("a", 5, 1)],
    [update("a", 5, 2), done("a")],
    [update("a", 5, 3), null],
  ];
  expect(isAllowed(...changed, [read, found("a", 7, 2)])).toBe(true);
  expect(isAllowed(...changed, [read, found("a", 7, 3)])).toBe(false);
});

test("an unknown creation is settled by whoever sees it", () => {
  const made: Line[] = [[create(1), null]];
  expect(isAllowed(...made, [read, found("a", 5, 1)], [remove("a"), done("a")])).toBe(true);
  expect(isAllowed(...made, [read, absent], [read, found("a", 5, 1)])).toBe(true);
  expect(isAllowed(...made, [create(2), refused("AlreadyExists")], [read, absent])).toBe(false);
  expect(isAllowed(...made, [create(2), done("b")], [read, found("b", 5, 2)])).toBe(true);
});
