import { expect, test } from "vitest";
import { Changes } from "../../../sim/explain/changes.ts";
import { differenceText } from "../../../sim/explain/difference.ts";
import { Evidence } from "../../../sim/explain/evidence.ts";
import { plant } from "../../../sim/planted.ts";
import type { RunResult } from "../../../sim/result.ts";
import {
  at,
  crash,
  eventually,
  running,
  type ScenarioPlan,
  scenario,
  service,
} from "../../../sim/scenario/dsl.ts";
import { simulate } from "../../../sim/simulate.ts";
import { failingSeed } from "../failing-seed.ts";
import { scenarioNamed } from "../scenario-named.ts";

// Goal: whoever reads why a run failed need not run it again to see who knew what. Method: planted
// bugs, and the lines that somebody would look for who does not know what was changed.

function explained(plan: ScenarioPlan, bug: string): RunResult {
  const seed = failingSeed(plan, bug);
  const evidence = new Evidence();
  const result = simulate(plan, seed, { observer: { watch: evidence.watch } }, plant(bug));
  return evidence.explained(result);
}

test("a secret told without need: the node's tasks, and who made the secret when", async () => {
  const { violations, evidence } = explained(await scenarioNamed("secret-rotated"), "O09");
  const [told = "", secret = ""] =
    /^(\w+) is told the secret ([\w-]+)/.exec(violations[0]?.detail ?? "")?.slice(1) ?? [];
  expect(evidence.some((line) => line.startsWith(`  ${told} `))).toBe(true);
  expect(evidence.some((line) => /^ +(no tasks|tasks: )/.test(line))).toBe(true);
  const made = new RegExp(`entry \\d+ of term \\d+ by m\\d, control: secret ${secret} is created`);
  expect(evidence.filter((line) => made.test(line))).toHaveLength(1);
});

test("a leader that appends nothing: its log and what of it is committed", () => {
  const plan = scenario({
    ...{ name: "one manager", story: "It leads.", services: [], expect: [] },
    topology: { managers: 1, workers: 0 },
  });
  const { violations, evidence } = explained(plan, "R20");
  expect(violations[0]?.detail).toMatch(/the leader m1 has committed no entry of its term$/);
  expect(evidence[0]).toMatch(
    /^ {2}m1 +up; leader in term 1, voted for m1; log to 0 of term 0; 0 on disk/,
  );
});

test("a token that is no good: those that the cluster has, and who is in by it", async () => {
  const { violations, evidence } = explained(await scenarioNamed("join-token-rotated"), "K13");
  const [newcomer = ""] = /^[\w-]+/.exec(violations[0]?.detail ?? "") ?? [];
  const at = evidence.findIndex((line) => line.startsWith(`  ${newcomer} `));
  expect(evidence[at + 1]).toContain("stored: worker, active, unknown, has shown no certificate");
  expect(evidence.find((line) => line.includes("cluster cluster"))).toMatch(
    /root \w+, worker token \w{25}, manager token \w{25}/,
  );
});

test("a network whose names lead nowhere: who is in it, and what the machine knows", async () => {
  const { violations, evidence } = explained(await scenarioNamed("overlay-network"), "N04");
  const [, machine = ""] = /(\w+) does not know who/.exec(violations[0]?.detail ?? "") ?? [];
  expect(evidence.some((line) => /^ +web\.\d \(\w+\) at [\d.]+: RUNNING/.test(line))).toBe(true);
  const knows = evidence.find((line) => line.trim().startsWith(`${machine} knows `));
  expect(knows).toMatch(/(web|cache)\.\d \(\w+\) at [\d.]+, which does not serve/);
});

test("a machine that is off: what it ran, and what the cluster knows of it", async () => {
  const { violations, evidence } = explained(await scenarioNamed("crash-loop"), "D03");
  const [, machine = ""] = /^(\w+) is down/.exec(violations[0]?.detail ?? "") ?? [];
  const at = evidence.findIndex((line) => line.startsWith(`  ${machine} `));
  expect(evidence[at + 1]).toContain("down (heartbeat failure)");
  expect(evidence[at + 2]).toMatch(/tasks: [\w.]+ RUNNING/);
});

test("a service that does not come to run: which of its tasks wait for what", () => {
  const plan = scenario({
    ...{ name: "pinned", story: "Its only machine is lost." },
    topology: { managers: 1, workers: [{ name: "fast", labels: { disk: "nvme" } }] },
    services: [service("db", { image: "db:1", constraints: ["engine.labels.disk==nvme"] })],
    ...{ steps: [at("40s", crash("fast"))], expect: [eventually(running("db", 1))] },
  });
  const evidence = new Evidence();
  const result = simulate(plan, "1", { observer: { watch: evidence.watch } });
  expect(result.violations[0]?.detail).toContain("db runs 0 of 1 tasks");
  expect(evidence.explained(result).evidence).toContainEqual(
    expect.stringMatching(
      /^ +db\.1 waits: no suitable node \(.*scheduling constraints not satisfied/,
    ),
  );
});

test("a leader whom too few chose: who voted for whom", async () => {
  const { evidence } = explained(await scenarioNamed("random-chaos"), "R05");
  const managers = evidence.filter((line) => /^ {2}m\d /.test(line));
  expect(managers.filter((line) => line.includes("leader in term 1, voted for "))).toHaveLength(1);
  expect(managers.some((line) => !line.includes("voted"))).toBe(true);
});

test("Changes knows the stored ones of one name, of those that are gone the last", () => {
  const changes = new Changes(() => 0);
  const task = (id: string, state: number) =>
    ({ kind: "task", id, name: "web.1", status: { state }, meta: { version: state } }) as never;
  const commit = (index: number, previous: unknown, current: unknown) =>
    changes.committed({
      ...{ index, entry: { term: 1 }, events: [{ actor: "agent", previous, current }] },
    } as never);
  for (const [at, id] of ["old", "gone", "one", "two"].entries())
    commit(at + 1, null, task(id, 64));
  commit(5, task("old", 64), null);
  commit(6, task("gone", 64), null);
  const ids = (...words: string[]) => changes.named(new Set(words)).map(({ id }) => id);
  expect(ids("web.1")).toEqual(["gone", "two", "one"]);
  expect(ids("old", "web.1")).toEqual(["old", "gone", "two", "one"]);
  expect(changes.of(task("old", 0)).map(({ entry }) => entry.index)).toEqual([1, 5]);
  expect(ids("web")).toEqual([]);
});

test("nothing is known of a run that passed, or that nobody watched", () => {
  const plan = scenario({
    ...{ name: "one manager", story: "It leads.", services: [], expect: [] },
    topology: { managers: 1, workers: 0 },
  });
  const evidence = new Evidence();
  expect(evidence.explained(simulate(plan, "1")).evidence).toEqual([]);
  const { evidence: lines } = simulate(plan, failingSeed(plan, "R20"), {}, plant("R20"));
  expect(lines).toEqual([]);
});

test("differenceText() names the fields that differ, deep ones by their path", () => {
  const before = { meta: 1, status: { state: 448, err: "" }, labels: new Map([["a", "b"]]), n: 1 };
  const after = { ...before, meta: 2, status: { state: 512, err: "" }, n: 2 };
  expect(differenceText(before, after)).toBe("status.state STARTING > RUNNING, n 1 > 2");
  const relabelled = { ...before, labels: new Map([["a", "c"]]) };
  expect(differenceText(before, relabelled)).toBe('labels {"a":"b"} > {"a":"c"}');
  expect(differenceText(before, { ...before, meta: 3 })).toBe("nothing but its version");
  const many = Object.fromEntries([..."abcdef"].map((name) => [name, 1]));
  expect(differenceText({}, many)).toMatch(/^a none > 1, .*, and 2 more$/);
});
