import { expect, test } from "vitest";
import { simulate } from "../../../sim/simulate.ts";
import type { ClientEvent } from "../../../sim/users/client-history.ts";
import { scenarioNamed } from "../scenario-named.ts";

// Goal: whatever goes wrong in a cluster, its clients see one store. What is broken on purpose
// they notice: see the rows of `sim/planted.ts` that are caught by `linearizable`. All checks of
// the repository sweep dozens of these worlds.

test("four clients see one store while everything goes wrong, in 3 worlds", async () => {
  const scenario = await scenarioNamed("random-chaos");
  const told: ClientEvent[] = [];
  const clients = (events: readonly ClientEvent[]) => void told.push(...events);
  let checks = 0;
  for (let seed = 7; seed <= 9; seed += 1) {
    const result = simulate(scenario, String(seed), { clients: 4, observer: { clients } });
    expect(result.violations).toEqual([]);
    checks += result.checks.linearizable ?? 0;
  }
  // The histories hold what makes them hard to explain.
  const count = (type: ClientEvent["type"]) => told.filter((event) => event.type === type).length;
  expect(checks).toBe(count("invoke"));
  expect(checks).toBeGreaterThan(2_500);
  expect(count("fail")).toBeGreaterThan(10);
  expect(count("info")).toBeGreaterThan(0);
});

test("clients are as many as the run asks for, else as many as the scenario", async () => {
  const scenario = await scenarioNamed("clients");
  const processes = (clients?: number) => {
    const seen = new Set<string>();
    const observer = {
      trace: (line: string) => {
        const { kind, command, client } = JSON.parse(line);
        if (kind === "request" && command !== undefined) seen.add(client);
      },
    };
    simulate(scenario, "1", { until: 20_000_000, observer, ...(clients ? { clients } : {}) });
    return [...seen].sort();
  };
  expect(processes(2)).toEqual(["client-1", "client-2"]);
  expect(processes()).toHaveLength(scenario.clients ?? 0);
});

test("a run without clients checks no history and is the run that it would be", async () => {
  const scenario = await scenarioNamed("leader-crash");
  const [without, none] = [simulate(scenario, "1"), simulate(scenario, "1", { clients: 0 })];
  expect(none.digest).toBe(without.digest);
  expect(Object.keys(without.checks)).not.toContain("linearizable");
});
