import { noBug } from "../../core/base/planted.ts";
import type { Kernel } from "../../sim/kernel.ts";
import type { StoryLine } from "../../sim/result.ts";
import type { Topology } from "../../sim/scenario/dsl.ts";
import { World } from "../../sim/world/world.ts";

/** A whole simulated cluster that is switched on; the test moves its time. */
export function worldOf(topology: Topology, seed = "1", story: StoryLine[] = []): World {
  const plan = { topology, seed, planted: noBug, clients: 0, users: 1 };
  const world = new World(plan, { story: (line) => void story.push(line) });
  world.powerOn();
  return world;
}

/** Handles all events up to this second. */
export function runUntil({ kernel }: { readonly kernel: Kernel }, second: number): void {
  while ((kernel.nextAt ?? Number.MAX_SAFE_INTEGER) <= second * 1e6) kernel.step();
}

/** Handles all events that there are. */
export function runOut(kernel: Kernel): void {
  while (kernel.nextAt !== null) kernel.step();
}

/** Handles events until `isSo`. Throws where nothing more happens. */
export function runUntilSo(kernel: Kernel, isSo: () => boolean): void {
  while (!isSo()) {
    if (kernel.nextAt === null) throw new Error("nothing more happens");
    kernel.step();
  }
}
