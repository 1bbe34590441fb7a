import { afterAll, expect, test } from "vitest";
import { ChaosRounds } from "./rounds.ts";

// Goal: whoever is killed and whenever, a real cluster loses nothing, does nothing twice, and goes
// on. `npm run chaos:real` plays as many rounds as one likes; here are a few.

const chaos = new ChaosRounds(1);

afterAll(() => chaos.stop({ keep: false }));

test("rounds of random kills under load leave a linearizable history", async () => {
  await chaos.start();
  for (let round = 1; round <= 3; round += 1) await chaos.round();
  await chaos.finish();
  expect(chaos.history.events.length).toBeGreaterThan(100);
}, 300_000);
