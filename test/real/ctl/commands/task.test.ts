import { expect, test } from "vitest";
import type { ControlClient } from "../../../../real/api/control-client.ts";
import { taskView } from "../../../../real/ctl/commands/task.ts";
import type { Surroundings } from "../../../../real/ctl/session.ts";
import { node, task } from "../../../support/model.ts";

/** What stands in the column of nodes, and what a template finds there. */
async function placesOf(showsNames: boolean): Promise<string[][]> {
  const nodes = [node("n1", { hostname: "one", state: "down" }), node("n2", { hostname: "two" })];
  const client = { query: async () => nodes } as unknown as ControlClient;
  const surroundings = { now: () => 0 } as Surroundings;
  const { columns, fields } = await taskView({ client, showsNames, surroundings });
  const [column, field] = [columns, fields].map((all) =>
    all.find(([name]) => name.toLowerCase() === "node"),
  );
  return [
    task("a", { node: "n1" }),
    task("b", { node: "n1", state: "FAILED" }),
    task("c", { node: "n2" }),
    task("d", { node: "gone" }),
    task("e", { node: null, state: "PENDING" }),
  ].map((each) => [column, field].map((found) => found?.[1](each) as string));
}

test("a list of tasks says where a node is down, as what it said last is old", async () => {
  expect(await placesOf(true)).toEqual([
    ["one (down)", "one"],
    ["one", "one"],
    ["two", "two"],
    ["gone", "gone"],
    ["", ""],
  ]);
  expect((await placesOf(false)).map(([column]) => column)).toEqual([
    ...["n1 (down)", "n1", "n2", "gone", ""],
  ]);
});
