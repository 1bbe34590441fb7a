import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createColors } from "picocolors";
import { afterAll, describe, expect, test } from "vitest";
import { eachText, lossText } from "../../../sim/cli/whatif-report.ts";
import { type WhatifFlags, whatifRequest } from "../../../sim/cli/whatif-request.ts";
import type { LossAnswer, ServiceAnswer } from "../../../sim/whatif/answer.ts";
import { MachineNames } from "../../../sim/whatif/machine-names.ts";
import { exported, listed } from "../../support/exported.ts";
import { sim } from "./sim-process.ts";

const job = { mode: { kind: "replicated-job", maxConcurrent: 1, totalCompletions: 1 } } as const;
const cluster = exported(
  [listed("m1"), listed("w1", { engineLabels: { rack: "a" } }), listed("w2", { state: "down" })],
  [
    { name: "web", places: ["m1", "w1"] },
    { name: "nightly", places: [], traits: job },
  ],
);
const colours = createColors(false);

function request(flags: WhatifFlags) {
  return whatifRequest(cluster, new MachineNames(cluster), flags);
}

const web: ServiceAnswer = {
  ...{ name: "web", ran: 6, wanted: 6, lowest: 4, below: [9.5, 10, 12], running: 6 },
  ...{ waits: [], moves: [{ from: "w1", to: "m1", count: 2 }] },
};
const db: ServiceAnswer = {
  ...{ name: "db", ran: 1, wanted: 1, lowest: 0, below: [600, 600, 600], running: 0 },
  ...{ waits: ["no suitable node"], moves: [{ from: "w1", to: null, count: 1 }] },
};
const calm: ServiceAnswer = { ...web, name: "calm", lowest: 6, below: [0, 0, 0], moves: [] };
const answer: LossAnswer = {
  ...{ lost: ["w1"], cut: [], services: [db, web, calm], managers: { up: 1, members: 1 } },
  ...{ leader: { before: "m1", after: "m1" }, astray: [], violation: null },
};

describe("whatifRequest()", () => {
  test("takes each node that is up where nobody is named, and who is named together", () => {
    const each = request({});
    expect(each.losses.map(({ lost }) => lost)).toEqual([["m1"], ["w1"]]);
    expect(each).toMatchObject({ isEach: true, seeds: 1 });
    const both = request({ lose: ["leader", "engine.labels.rack==a"], back: "2m", seeds: "7" });
    expect(both.losses).toMatchObject([{ lost: ["m1", "w1"], backAfter: 120_000_000 }]);
    expect(both).toMatchObject({ isEach: false, seeds: 7 });
  });

  test.each<[string, WhatifFlags, RegExp]>([
    [
      "a node that is none",
      { lose: ["w7"] },
      /--lose 'w7': that is no node .* which has m1, w1, w2/,
    ],
    ["a node that is down", { cut: ["w2"] }, /--cut w2: down already/],
    ["a node that is named twice", { lose: ["w1"], cut: ["w1"] }, /w1 is lost and cut off/],
    ["a span that is none", { watch: "soon" }, /--watch soon: write a span of time/],
    ["a span of a year", { watch: "9000h" }, /--watch 9000h: a run simulates hours, or days/],
    ["a return after the end", { lose: ["w1"], back: "1h" }, /--back 1h: it is over by then/],
    ["a file for many scenarios", { out: "a.ts" }, /--out writes one scenario/],
    ["a count that is none", { seeds: "0" }, /--seeds 0: write a whole number/],
  ])("refuses %s", (_what, flags, said) => {
    expect(() => request(flags)).toThrow(said);
  });
});

test("lossText() says what is missed and for how long, what waits and why, and what moves", () => {
  const text = lossText(cluster, request({ lose: ["w1"] }), answer, colours);
  expect(text).toBe(`w1 lost: 3 runs of 10m

service   ran   lowest            too few for   run at the end
db          1        0     as long as watched           0 of 1
web         6        4   10.0 s (9.5 to 12.0)              all

1 other service misses nothing

db waits: no suitable node

what moves, in the first run:
  db    w1 stops
  web   w1 -> m1   2

1 of 1 manager up; m1 leads on

down before: w2
left out, as jobs or as nothing of them runs: nightly
`);
});

test("eachText() has a line for each node", () => {
  const alone = {
    ...answer,
    lost: ["m1"],
    services: [calm],
    leader: { before: "m1", after: null },
  };
  const beside = { ...answer, managers: { up: 1, members: 2 } };
  const text = eachText(cluster, request({}), [alone, beside], colours);
  expect(text.split("\n").slice(2, 5)).toEqual([
    "lost   part     what is missed",
    "m1     leader   nobody leads any more",
    "w1     worker   db 0 of 1 for good: no suitable node; web 4 of 6 for 10.0 s (9.5 to 12.0)",
  ]);
});

describe("sim whatif", () => {
  const folder = mkdtempSync(join(tmpdir(), "whatif-"));
  afterAll(() => rmSync(folder, { recursive: true, force: true }));
  const file = join(folder, "today.json");
  writeFileSync(file, JSON.stringify(cluster));

  test("writes a scenario that sim run takes, and that counts from the loss on", async () => {
    const out = join(folder, "tonight.ts");
    expect(await sim(["whatif", file, "--lose", "w1", "--out", out])).toMatchObject({ code: 0 });
    expect(readFileSync(out, "utf8")).toContain('crash("w1")');
    const { code, out: said } = await sim(["run", out]);
    expect(code).toBe(0);
    expect(said).toMatch(/^web +2 +2 +1 /m);
  });

  test("refuses what is no export, in words", async () => {
    const { code, err } = await sim(["whatif", "package.json"]);
    expect(code).toBe(2);
    expect(err).toMatch(/^package.json: this is no export of a cluster: write one with 'swarmctl/);
  });
});
