import { expect, test } from "vitest";
import { WrongInput } from "../../../sim/cli/exit-codes.ts";
import { limitsOf, type RunFlags, runRequest, runsOf, seedAt } from "../../../sim/cli/request.ts";

test("runRequest() runs each file from seed 1 when nothing else is said", () => {
  const request = runRequest(["a.ts", "b.ts"], {});
  expect(request).toMatchObject({ seeds: { kind: "one", seed: "1" }, trace: null, history: null });
  expect(limitsOf(request)).toEqual({});
  expect(runsOf(request)).toBe(2);
});

test("runRequest() takes any text for a seed, and whole numbers for a range", () => {
  expect(seedAt(runRequest(["a.ts"], { seed: "any text" }).seeds, 0)).toBe("any text");
  const range = runRequest(["a.ts", "b.ts"], { seeds: "98..103", until: "1.5m" });
  expect(runsOf(range)).toBe(12);
  expect([0, 5].map((at) => seedAt(range.seeds, at))).toEqual(["98", "103"]);
  expect(range.until).toEqual({ text: "1.5m", us: 90_000_000 });
});

test("runRequest() takes a range of one seed, even with a trace and a history", () => {
  expect(runsOf(runRequest(["a.ts"], { seeds: "5..5", trace: "a", history: "b" }))).toBe(1);
});

test("runRequest() takes any count of clients up to a hundred, also none", () => {
  const limits = (clients: string) => limitsOf(runRequest(["a.ts"], { clients, until: "1s" }));
  expect(limits("0")).toEqual({ clients: 0, until: 1_000_000 });
  expect(limits("100")).toEqual({ clients: 100, until: 1_000_000 });
});

test.each<[RunFlags, string]>([
  [{ seeds: "5..1" }, "--seeds 5..1: the range descends; write the lower number first"],
  [{ seeds: "a..b" }, "--seeds a..b: write two whole numbers, such as 1..200"],
  [{ seeds: "-1..5" }, "--seeds -1..5: write two whole numbers, such as 1..200"],
  [{ seeds: "1.5..2" }, "--seeds 1.5..2: write two whole numbers, such as 1..200"],
  [{ seeds: "7" }, "--seeds 7: write two whole numbers, such as 1..200"],
  [{ seeds: "" }, "--seeds : write two whole numbers, such as 1..200"],
  [
    { seeds: "1..99999999999999999999" },
    "--seeds 1..99999999999999999999: the numbers are too large",
  ],
  [{ seeds: "0..10000000" }, "these are 10000001 runs: at most 10000000 go in one command"],
  [{ seed: "1", seeds: "1..2" }, "--seed and --seeds exclude each other: give one seed or a range"],
  [{ trace: "out", traceFormat: "xml" }, "--trace-format xml: write one of ndjson, tla, chrome"],
  [{ traceFormat: "tla" }, "--trace-format tla: name a file too, with --trace"],
  [{ seed: "a\nb" }, "--seed: write it without control characters"],
  [{ until: "5" }, "--until 5: write a span of time, such as 90s, 10m or 1.5h"],
  [{ until: "0s" }, "--until 0s: write a span of time, such as 90s, 10m or 1.5h"],
  [{ until: "-5s" }, "--until -5s: write a span of time, such as 90s, 10m or 1.5h"],
  [
    { trace: "out", seeds: "1..2" },
    "--trace follows one run, and these are 2: name one file and --seed",
  ],
  [
    { history: "out", seeds: "1..2" },
    "--history follows one run, and these are 2: name one file and --seed",
  ],
  [{ clients: "101" }, "--clients 101: write a whole number from 0 to 100"],
  [{ clients: "-1" }, "--clients -1: write a whole number from 0 to 100"],
  [{ clients: "2.5" }, "--clients 2.5: write a whole number from 0 to 100"],
  [{ clients: "" }, "--clients : write a whole number from 0 to 100"],
])("runRequest(%j) is refused", (flags, message) => {
  expect(() => runRequest(["a.ts"], flags)).toThrow(new WrongInput(message));
});
