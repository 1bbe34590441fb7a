import { expect, test } from "vitest";
import { limits } from "../../../core/base/limits.ts";
import { Turn, tooLarge } from "../../../core/manager/turn.ts";
import type { Change } from "../../../core/model/change.ts";
import { node, service, task } from "../../support/model.ts";
import { create, remove, transact, update } from "../../support/store.ts";

test("Turn.offer() takes what touches different objects, in the order offered", () => {
  const turn = new Turn();
  const offered = [
    transact(update(service("web"))),
    transact(create(task("t1"))),
    transact(remove(task("t2"))),
  ];
  expect(offered.map((each) => turn.offer(each))).toEqual([true, true, true]);
  expect(turn.transactions).toEqual(offered);
});

test("Turn.offer() refuses what another transaction has touched, however it did", () => {
  for (const first of [update(task("t1")), remove(task("t1")), create(task("t1"))]) {
    for (const second of [update(task("t1")), remove(task("t1")), create(task("t1"))]) {
      const turn = new Turn();
      expect(turn.offer(transact(update(task("t0")), first))).toBe(true);
      expect(turn.offer(transact(create(task("t9")), second))).toBe(false);
      expect(turn.offer(transact(update(task("t9"))))).toBe(true);
    }
  }
});

test("Turn.offer() keeps objects of different tables apart, though their ids are the same", () => {
  const turn = new Turn();
  expect(turn.offer(transact(update(service("x"))))).toBe(true);
  expect(turn.offer(transact(update(node("x"))))).toBe(true);
  expect(turn.offer(transact(update(task("x"))))).toBe(true);
});

test("Turn.offer() refuses a second service of the same name", () => {
  const turn = new Turn();
  expect(turn.offer(transact(create(service("s1", { name: "web" }))))).toBe(true);
  expect(turn.offer(transact(create(service("s2", { name: "web" }))))).toBe(false);
});

test("Turn.offer() keeps slots of jobs and global services whole: one change in an entry", () => {
  const turn = new Turn();
  expect(turn.offer(transact(update(task("t1", { job: 0 }))))).toBe(true);
  expect(turn.offer(transact(update(task("t2", { job: 1 }))))).toBe(false);
  expect(turn.offer(transact(update(task("t3", { job: 0, slot: 2 }))))).toBe(true);
  expect(turn.offer(transact(update(task("t4", { job: 0, slot: 0 }))))).toBe(true);
  expect(turn.offer(transact(update(task("t5", { job: 0, slot: 0, node: "n2" }))))).toBe(true);
  expect(turn.offer(transact(update(task("t6"))))).toBe(true);
  expect(turn.offer(transact(update(task("t7", { slot: 0, service: "logs" }))))).toBe(true);
  expect(turn.offer(transact(update(task("t8", { slot: 0, service: "logs" }))))).toBe(false);
});

test("Turn.offer() takes one command about what services need, and leaves planners alone", () => {
  const asked = (change: Change) => ({
    ...transact(change),
    request: { client: "someone", sequence: 1 },
  });
  const needy = service("s1", { name: "web", dependsOn: ["db"] });
  const plain = service("s5", { name: "attached" });
  const networks = [{ target: "back", aliases: [] }];
  const attached = { ...plain, spec: { ...plain.spec, task: { ...plain.spec.task, networks } } };
  const turn = new Turn();
  expect(turn.offer(asked(create(needy)))).toBe(true);
  expect(turn.offer(asked(create(attached)))).toBe(false);
  expect(turn.offer(asked(remove(service("s2", { name: "db" }))))).toBe(false);
  expect(turn.offer(asked(update(service("s3", { name: "api" }))))).toBe(true);
  expect(turn.offer(transact(update(service("s4", { name: "ui", dependsOn: ["db"] }))))).toBe(true);
});

test("Turn.offer() takes no more changes than an entry may have, but for one that has more", () => {
  const many = (count: number, from = 0) =>
    transact(...Array.from({ length: count }, (_, at) => create(task(`t${from + at}`))));
  const turn = new Turn();
  expect(turn.offer(many(limits.changesPerEntry - 1))).toBe(true);
  expect(turn.isFull).toBe(false);
  expect(turn.offer(many(2, 1_000))).toBe(false);
  expect(turn.offer(many(1, 2_000))).toBe(true);
  expect(turn.isFull).toBe(true);
  expect(turn.offer(many(limits.changesPerEntry + 5, 3_000))).toBe(false);
  const begun = new Turn();
  expect(begun.offer(many(1))).toBe(true);
  expect(begun.offer(many(limits.changesPerEntry + 5, 1_000))).toBe(true);
  expect(begun.isFull).toBe(true);
});

test("Turn.offer() takes no more bytes than an entry may have, but for one that has more", () => {
  const sizeOf = () => limits.entryBytes / 2 + 1;
  const turn = new Turn(limits.changesPerEntry, sizeOf);
  expect(turn.offer(transact(update(task("t1"))))).toBe(true);
  expect(turn.isFull).toBe(false);
  expect(turn.offer(transact(update(task("t2"))))).toBe(false);
  expect(new Turn(9, () => 2 * limits.entryBytes).offer(transact(update(task("t1"))))).toBe(true);
});

test("tooLarge() refuses a user's object that no entry can take, with its size", () => {
  const refused = tooLarge(transact(update(service("web"))), () => limits.entryBytes + 1);
  expect(refused).toMatchObject({ code: "InvalidArgument" });
  expect(refused?.message).toContain(`takes ${limits.entryBytes + 1} bytes`);
  expect(tooLarge(transact(update(service("web"))))).toBeNull();
});
