import { expect, test } from "vitest";
import { plant } from "../../../sim/planted.ts";
import { simulate } from "../../../sim/simulate.ts";
import { scenarioNamed } from "../scenario-named.ts";

test("managers with different dates are seen as an entry is applied, not at the end", async () => {
  const { violations } = simulate(await scenarioNamed("manager-joins"), "1", {}, plant("T02"));
  expect(violations[0]).toMatchObject({
    invariant: "state-machine-safety",
    detail: expect.stringContaining("does not do what it did where it was applied first"),
  });
});
