import { expect, test } from "vitest";
import { parse } from "yaml";
import { lineOf } from "../../../real/ctl/commands/events.ts";
import { hostnames } from "../../../real/ctl/find.ts";
import { document, jsonLine, plainText, table } from "../../../real/ctl/output.ts";
import { readableObject } from "../../../real/ctl/readable-object.ts";
import { node, service, task } from "../../support/model.ts";

test("table() aligns columns as terminals show them, and lets nobody move the cursor", () => {
  const rows = [
    { name: "名", text: "plain" },
    { name: "long", text: "\u001b[2Jred\nnext" },
  ];
  const text = table(
    [
      ["NAME", ({ name }) => name],
      ["TEXT", (row) => row.text],
    ],
    rows,
  );
  expect(text).toBe("NAME  TEXT\n名    plain\nlong  [2Jred next\n");
});

test("what a node calls itself, and what it says is wrong, moves no cursor either", async () => {
  const loud = node("w1", { hostname: "w1\u001b]0;mine\u0007" });
  expect(lineOf({ index: 7, previous: null, current: loud })).toContain("w1  w1 ]0;mine  ready");
  const client = { query: async () => [{ ...loud, managerStatus: null }] };
  const named = await hostnames({ client, showsNames: true } as never);
  expect(named.get("w1")).toBe("w1 ]0;mine");
  expect(plainText("web.1:\n\tno \u009b2J")).toBe("web.1:\n\tno  2J");
});

test.each(["yaml", "json"] as const)("as %s all is exact and moves no cursor", (format) => {
  const value = {
    "k\u009bey": ["\u009b2J\u001b[2J", `plain \u0085 ${"long ".repeat(40)}`, 1, null],
  };
  const text = document(value, format);
  expect(text).not.toMatch(/(?!\n)\p{Cc}/u);
  expect(parse(text)).toEqual(value);
  expect(JSON.parse(jsonLine(value))).toEqual(value);
  expect(jsonLine(value)).not.toMatch(/(?!\n$)\p{Cc}/u);
  expect(document({ a: "plain" }, "yaml")).toBe("a: plain\n");
});

test("objects are readable: names of states, moments, spans, tables", () => {
  const shown = readableObject(task("t1", { service: "s1" })) as Record<string, unknown>;
  expect(shown).toMatchObject({ kind: "task", id: "t1", desiredState: "RUNNING" });
  const { spec } = readableObject(service("s1")) as { spec: Record<string, unknown> };
  expect(spec.mode).toEqual({ kind: "replicated", replicas: 1 });
  expect(spec.update).toMatchObject({ monitor: "5s", failureAction: "pause" });
});

test("a listed node is a node that says what manager it is", () => {
  const managerStatus = { leader: true, reachability: "reachable" } as const;
  const listed = { ...node("m1", { labels: { zone: "a" } }), managerStatus };
  expect(readableObject(listed)).toMatchObject({
    kind: "node",
    id: "m1",
    spec: { labels: { zone: "a" } },
    managerStatus,
  });
});
