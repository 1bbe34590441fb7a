import { expect, test } from "vitest";
import { newMetrics, processMetrics } from "../../../real/daemon/metrics.ts";

// Goal: a node's metrics hold nothing that stays behind when the node goes. What counts the process
// is never let go, and a node on standby that can't come in is a new one every few seconds.

const unread = {} as never;

test("a node's metrics are of the node alone", () => {
  const { registry } = newMetrics(() => null, unread, unread, unread);
  const names = registry.getMetricsAsArray().map(({ name }) => name);
  expect(names.length).toBeGreaterThan(10);
  expect(names.filter((name) => !name.startsWith("swarm_"))).toEqual([]);
});

test("datagrams that were dropped are counted, each once however often they are read", async () => {
  const network = { dropped: 3, connected: 1 } as never;
  const overlays = { figures: { overlays: 0, remote: 0, broken: 0 } } as never;
  const traffic = { count: () => 0 } as never;
  const { registry } = newMetrics(() => null, network, traffic, overlays);
  await registry.metrics();
  const text = await registry.metrics();
  expect(text).toContain("# TYPE swarm_datagrams_dropped_total counter");
  expect(text).toContain("\nswarm_datagrams_dropped_total 3\n");
});

test("those of the process are none of a node's", async () => {
  expect(await processMetrics().metrics()).toMatch(/^process_cpu_seconds_total \d/m);
});
