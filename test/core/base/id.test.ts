import { expect, test } from "vitest";
import { newId } from "../../../core/base/id.ts";
import { random } from "../../support/store.ts";

test("newId() makes 25 characters of base 36, as SwarmKit's identity.NewID", () => {
  const stream = random();
  for (let round = 0; round < 100; round += 1) expect(newId(stream)).toMatch(/^[0-9a-z]{25}$/);
});

test("newId() gives the same ids from the same stream, and no id twice", () => {
  const [left, right] = [random(7), random(7)];
  const ids = Array.from({ length: 5_000 }, () => newId(left));
  expect(ids).toEqual(Array.from({ length: 5_000 }, () => newId(right)));
  expect(new Set(ids).size).toBe(ids.length);
});
