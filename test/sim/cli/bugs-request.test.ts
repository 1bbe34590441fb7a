import { expect, test } from "vitest";
import { type BugsFlags, bugsRequest } from "../../../sim/cli/bugs-request.ts";
import { WrongInput } from "../../../sim/cli/exit-codes.ts";
import { plantedRows, raftPlantedRows } from "../../../sim/planted.ts";

test("bugsRequest() looks for every bug when nothing else is said", () => {
  const rows = [...raftPlantedRows, ...plantedRows];
  expect(bugsRequest({})).toEqual({
    ...{ kind: "hunt", rows, tries: 20, seeds: 1_000 },
    ...{ shrinkTries: 300, json: false, markdown: false },
  });
});

test("bugsRequest() takes the rows of the bugs that are named, in both worlds", () => {
  const request = bugsRequest({ only: "S01, R04", tries: "3", seeds: "50", json: true });
  const rows = request.kind === "hunt" ? request.rows : [];
  expect(rows.map(({ id }) => id)).toEqual(["R04", "R04", "S01"]);
  expect(request).toMatchObject({ tries: 3, seeds: 50, json: true });
});

test("bugsRequest() takes ten thousand seeds of each harmless change", () => {
  const seeds = { first: 1, last: 10_000 };
  expect(bugsRequest({ benign: true })).toEqual({ kind: "benign", seeds, json: false });
  expect(bugsRequest({ benign: true, seeds: "7" })).toMatchObject({ seeds: { first: 1, last: 7 } });
});

test("bugsRequest() takes a range of seeds of each harmless change", () => {
  const seeds = { first: 501, last: 1_000 };
  expect(bugsRequest({ benign: true, seeds: "501..1000" })).toMatchObject({ seeds });
});

test.each<[BugsFlags, RegExp]>([
  [{ only: "R04,X99" }, /^--only R04,X99: there is no bug "X99"; there are R01 R02 .* A01/],
  [{ only: "" }, /^--only : there is no bug ""; there are R01/],
  [{ tries: "0" }, /^--tries 0: write a whole number from 1 to 10000$/],
  [{ tries: "1.5" }, /^--tries 1\.5: write a whole number from 1 to 10000$/],
  [{ seeds: "many" }, /^--seeds many: write a whole number from 1 to 10000000$/],
  [{ seeds: "1..9" }, /^--seeds 1\.\.9: write a whole number/],
  [{ benign: true, seeds: "-1" }, /^--seeds -1: write a whole number/],
  [{ benign: true, seeds: "9..1" }, /^--seeds 9\.\.1: the range descends/],
  [{ benign: true, seeds: "1..10000001" }, /^--seeds 1\.\.10000001: at most 10000000 go in/],
  [{ benign: true, tries: "2" }, /^--tries is about planted bugs, and --benign plants none/],
  [{ benign: true, only: "R04" }, /^--only is about planted bugs, and --benign plants none/],
  [{ benign: true, markdown: true }, /^--markdown is about planted bugs, and --benign plants none/],
  [{ benign: true, shrink: false }, /^--no-shrink is about planted bugs, and --benign plants/],
  [{ results: "r.json", json: true }, /^--json is about a hunt, and --results makes none/],
  [{ results: "r.json", shrink: false }, /^--no-shrink is about a hunt, and --results makes none/],
])("bugsRequest(%j) is refused", (flags, message) => {
  expect(() => bugsRequest(flags)).toThrow(WrongInput);
  expect(() => bugsRequest(flags)).toThrow(message);
});
