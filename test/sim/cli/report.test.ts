import { createColors } from "picocolors";
import { expect, test } from "vitest";
import { bugText } from "../../../sim/cli/bug.ts";
import { commandFor } from "../../../sim/cli/command-line.ts";
import { exitCodeOfError } from "../../../sim/cli/ended.ts";
import { WrongInput } from "../../../sim/cli/exit-codes.ts";
import { jsonText } from "../../../sim/cli/json.ts";
import { problemsText } from "../../../sim/cli/load-checked.ts";
import { outcomeOf } from "../../../sim/cli/outcome.ts";
import { wantsColour } from "../../../sim/cli/output.ts";
import { progressText } from "../../../sim/cli/progress.ts";
import { headText, quietText, reportText } from "../../../sim/cli/report.ts";
import { fitted } from "../../../sim/cli/status-line.ts";
import { storyText } from "../../../sim/cli/story.ts";
import { quietSummaryText, Summary, summaryText } from "../../../sim/cli/summary.ts";
import { scenario } from "../../../sim/scenario/dsl.ts";
import { failed, passed } from "./result.ts";

// Goal: what a user reads is neat, complete and the same everywhere. Method: the whole text.

const plain = createColors(false);
const coloured = createColors(true);
const command = "npx sim run a.ts --seed 7";

const escapeCode = String.fromCharCode(27);

/** A text by lines, for a comparison that is easy to read. */
const lines = (text: string) => text.split("\n");

test("reportText() gives figures, services, invariants and the verdict", () => {
  expect(lines(reportText(passed, command, plain))).toEqual([
    "",
    "events      48,213 handled, 301,331 a second",
    "time        180.0 s simulated in 0.16 s, 1,125 times as fast",
    "messages    12,001 sent, 210 dropped",
    "elections   3",
    "recovery    4.0 s after the last fault, bound 65.3 s",
    "",
    "service     wanted   running   lowest   time below   starts",
    "web              6         6        4       12.3 s        2",
    "long-name    1,000         0        -        0.0 s        0",
    "",
    "invariant         checked",
    "election-safety    48,213",
    "log-matching          172",
    "",
    "PASS  leader cut off, seed 7, digest 0123456789abcdef",
    "",
  ]);
});

test("reportText() of a failure ends with what broke and how to see it again", () => {
  expect(lines(reportText(failed, command, plain)).slice(15)).toEqual([
    "FAIL  leader cut off, seed 7, digest 0123456789abcdef",
    "",
    "  broken   slot-not-doubled",
    "  source   SwarmKit: one task a slot",
    "  at       41.203000 s",
    "  node     w3",
    "  detail   web.2 runs twice: w1 and w3",
    "",
    "  what is known of it:",
    "    w3  up; agent at m1",
    "",
    "    what changed them last:",
    "      web.2 is created",
    "",
    "  the last 2 events:",
    "    41.202000 message m1 -> w3 assignments",
    "    41.203000 executor w3 started",
    "",
    "  to see it again:",
    "    npx sim run a.ts --seed 7",
    "",
  ]);
});

test("reportText() names what was never checked in one paragraph", () => {
  const checks = { "log-matching": 172, "volumes-stay": 0, "drain-empties": 0 };
  expect(lines(reportText({ ...passed, checks }, command, plain)).slice(11, 14)).toEqual([
    "invariant      checked",
    "log-matching       172",
    "nothing to check for volumes-stay, drain-empties",
  ]);
});

test("reportText() says when recovery was not waited for", () => {
  const stopped = { ...passed, recovery: { took: null, bound: 0 }, services: {}, checks: {} };
  expect(lines(reportText(stopped, command, plain)).slice(5)).toEqual([
    "recovery    not waited for: the run was to stop before",
    "",
    "PASS  leader cut off, seed 7, digest 0123456789abcdef",
    "",
  ]);
});

test("quietText() is one line for a run that passed", () => {
  expect(quietText(passed, command, plain)).toBe(
    "PASS  leader cut off, seed 7, digest 0123456789abcdef\n",
  );
  expect(quietText(failed, command, plain)).toContain("  broken   slot-not-doubled\n");
});

test("texts have colours only when asked for", () => {
  const texts = (colours: typeof plain) => [
    reportText(failed, command, colours),
    storyText({ at: 1, kind: "fault", text: "w1 crashes" }, colours),
    headText(scenario({ name: "n", story: "s" } as never), "1", colours),
  ];
  for (const text of texts(plain)) expect(text).not.toContain(escapeCode);
  for (const text of texts(coloured)) expect(text).toContain(escapeCode);
});

test("no text from a scenario moves the cursor of a terminal", () => {
  const name = `evil${escapeCode}[2Jname\n\ttwo`;
  const texts = [
    headText(scenario({ name, story: name } as never), "1", plain),
    reportText({ ...failed, scenario: name }, command, plain),
    storyText({ at: 1, kind: "task", text: name }, plain),
  ];
  for (const text of texts) {
    expect(text).not.toContain(escapeCode);
    expect(text).toContain("evil [2Jname two");
  }
  const said: string[] = [];
  exitCodeOfError(new WrongInput(name), (text) => said.push(text));
  expect(said).toEqual(["evil [2Jname\n\ttwo\n"]);
});

test("storyText() aligns times and kinds", () => {
  const story = [
    storyText({ at: 0, kind: "task", text: "web.1 runs on w1" }, plain),
    storyText({ at: 1_234.5, kind: "election", text: "m1 leads term 2" }, plain),
  ];
  expect(story).toEqual([
    "      0.000 s  task      web.1 runs on w1\n",
    "  1,234.500 s  election  m1 leads term 2\n",
  ]);
});

const head = { name: "leader cut off", file: "a.ts", seeds: "seeds 7..9", planned: 3 };

function summaryOf(...results: (typeof passed)[]): Summary {
  const summary = new Summary();
  for (const result of results) summary.add(result, `npx sim run a.ts --seed ${result.seed}`);
  return summary;
}

test("summaryText() sums up many runs", () => {
  const slow = { ...passed, seed: "9", recovery: { took: 9.5, bound: 70 } };
  const summary = summaryOf(passed, { ...failed, seed: "8", services: {} }, slow);
  expect(lines(summaryText({ ...head, wallSeconds: 1.5 }, summary, plain))).toEqual([
    "leader cut off (a.ts), seeds 7..9",
    "  runs        2 passed, 1 failed",
    "  recovery    4.0 s at least, 4.0 s median, 9.5 s at most; bound 65.3 to 70.0 s",
    "  lowest      web ran 4 of 6, seed 7",
    "  time        1.5 s, 2.0 runs a second",
    `  digest      ${summary.digest}`,
    "  verdict     FAIL",
    "  seed 8: slot-not-doubled broke at 41.203 s on w3: web.2 runs twice: w1 and w3",
    "    npx sim run a.ts --seed 8",
    "",
    "",
  ]);
});

test("summaryText() tells the first failures of an invariant, and the seeds of the others", () => {
  const broken = Array.from({ length: 8 }, (_, at) => ({ ...failed, seed: String(at + 1) }));
  const other = { invariant: "converges", at: 9, node: null, detail: "there is no leader" };
  const summary = summaryOf(...broken, { ...failed, seed: "9", violations: [other] });
  const text = lines(summaryText({ ...head, wallSeconds: 1 }, summary, plain)).slice(7, -2);
  expect(text.filter((line) => line.startsWith("  seed"))).toHaveLength(6);
  expect(text).toContain("  slot-not-doubled broke in 3 more: seeds 6 7 8");
  expect(text.at(-1)).toBe("    npx sim run a.ts --seed 9");
});

test("quietSummaryText() is one line for runs that all passed, or were not run", () => {
  const summary = summaryOf(passed);
  const text = (planned: number) =>
    quietSummaryText({ ...head, planned, wallSeconds: 1 }, summary, plain);
  const end = `digest ${summary.digest}\n`;
  expect(text(1)).toBe(`PASS  a.ts, seeds 7..9: 1 passed, 0 failed, ${end}`);
  expect(text(3)).toBe(`STOPPED  a.ts, seeds 7..9: 1 passed, 0 failed, 2 not run, ${end}`);
});

test("a summary names the seeds of a hundred failures and counts the others", () => {
  const results = Array.from({ length: 250 }, (_, at) => ({ ...failed, seed: String(at) }));
  const text = quietSummaryText({ ...head, wallSeconds: 1 }, summaryOf(...results), plain);
  expect(text).toContain("  slot-not-doubled broke in 95 more: seeds 5 6 7 ");
  expect(Math.max(...lines(text).map((line) => line.length))).toBeLessThan(110);
  expect(text).toContain("\n  and 150 more\n");
});

test("a summary's digest depends on every run and on their order", () => {
  const other = { ...passed, digest: "fedcba9876543210" };
  const digests = [
    summaryOf(passed, other),
    summaryOf(other, passed),
    summaryOf(passed),
    summaryOf(passed, passed),
  ].map(({ digest }) => digest);
  expect(new Set(digests).size).toBe(4);
  expect(digests[0]).toBe(summaryOf({ ...passed, events: 1 }, other).digest);
});

test.each([
  ["a.ts", "1", {}, "npx sim run a.ts --seed 1"],
  ["my runs/a.ts", "1", {}, "npx sim run 'my runs/a.ts' --seed 1"],
  ["it's.ts", "a b", {}, "npx sim run 'it'\\''s.ts' --seed 'a b'"],
  ["-a.ts", "-1", {}, "npx sim run ./-a.ts --seed=-1"],
  ["a.ts", "$x", { until: { text: "90s", us: 9e7 } }, "npx sim run a.ts --seed '$x' --until 90s"],
  ["a.ts", "1", { clients: 0 }, "npx sim run a.ts --seed 1 --clients 0"],
])("commandFor(%s, %s, %j) can be pasted into a shell", (file, seed, asked, text) => {
  expect(commandFor(file, seed, { until: null, clients: null, ...asked })).toBe(text);
});

test("progressText() says how far it is and how long it takes", () => {
  const state = { done: 1_200, planned: 4_000, failed: 2, elapsedSeconds: 10, noun: "runs" };
  expect(progressText(state)).toBe("1,200 of 4,000 runs, 120.0 a second, 2 failed, 24 s left");
  expect(progressText({ ...state, planned: 100_000 })).toMatch(/13 m 44 s left$/);
  expect(progressText({ ...state, planned: 1_000_000 })).toMatch(/2 h 18 m left$/);
  expect(progressText({ ...state, noun: "tries" })).toMatch(/^1,200 of 4,000 tries, /);
  expect(progressText({ ...state, done: 0 })).toBe("0 of 4,000 runs, 0.0 a second, 2 failed");
});

test("jsonText() is one line with the fields in a fixed order", () => {
  const text = jsonText(failed, "a.ts", command);
  expect(text).toMatch(/^\{"scenario":"leader cut off","seed":"7","verdict":"fail".*\}\n$/);
  expect(JSON.parse(text)).toEqual({ ...failed, file: "a.ts", command });
});

test("problemsText() lists all problems of a file", () => {
  const problem = { where: "steps[0] at 9s heal", reason: "there is none", help: "leave it out" };
  expect(problemsText("a.ts", [problem, { ...problem, where: "name" }])).toBe(
    "a.ts: 2 problems\n" +
      "  steps[0] at 9s heal: there is none\n    leave it out\n" +
      "  name: there is none\n    leave it out",
  );
});

test("an exception inside a run becomes a failed run and one line that calls it a bug", () => {
  const { result, bug } = outcomeOf({ name: "broken", topology: null } as never, "7", {});
  expect(result).toMatchObject({ scenario: "broken", seed: "7", verdict: "fail" });
  expect(result.violations[0]).toMatchObject({ invariant: "simswarm-works", node: null });
  expect(bugText({ message: "TypeError: x\n at y", stack: "" }, "a.ts, seed 7")).toBe(
    "simswarm has a bug: TypeError: x (a.ts, seed 7)\n  set SIMSWARM_DEBUG=1 to see where\n",
  );
  expect(bug?.message).toMatch(/^TypeError: /);
});

test.each([
  [{}, true, true],
  [{}, false, false],
  [{ CI: "true" }, false, false],
  [{ NO_COLOR: "1" }, true, false],
  [{ NO_COLOR: "" }, true, true],
  [{ NO_COLOR: "1", FORCE_COLOR: "1" }, true, false],
  [{ FORCE_COLOR: "1" }, false, true],
  [{ FORCE_COLOR: "0" }, true, false],
  [{ TERM: "dumb" }, true, false],
])("wantsColour(%j) on a terminal or not: %s", (env, isTerminal, wanted) => {
  expect(wantsColour(env, isTerminal)).toBe(wanted);
});

test("a status line is no wider than the terminal, so that it can be drawn over", () => {
  expect(fitted("120 of 400 runs", 10)).toBe("120 of 40");
  expect(fitted("120 of 400 runs", 80)).toBe("120 of 400 runs");
  expect(fitted("120 of 400 runs", undefined)).toBe("120 of 400 runs");
});
