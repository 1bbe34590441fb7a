import { expect, test } from "vitest";
import { reachable } from "../../../real/daemon/reachable.ts";

test("reachable() leaves an address as it is, but for one that is everywhere", () => {
  expect(reachable("10.0.0.1:4242")).toBe("10.0.0.1:4242");
  expect(reachable("[fd00::1]:4242")).toBe("[fd00::1]:4242");
  expect(reachable("0.0.0.0:4242")).toMatch(/^(?!0\.0\.0\.0).+:4242$/);
  expect(reachable("[::]:4242")).toMatch(/^(?!\[::\]).+:4242$/);
});
