import { setTimeout as delay } from "node:timers/promises";
import { expect, test } from "vitest";
import { patience } from "../../../real/docker/client.ts";

test.each([
  ["a month", 31 * 24 * 3_600_000],
  ["a century", 100 * 365 * 24 * 3_600_000],
])("a container that may take %s to stop is waited for", async (_, moreMs) => {
  const { abortSignal } = patience(moreMs);
  await delay(20);
  expect(abortSignal.aborted).toBe(false);
});
