import type { Random, RandomSeed } from "../../core/base/random.ts";
import type { Entropy } from "../../core/ports/entropy.ts";

/**
 * Seeds from the run's own stream. Nothing is secret in a simulation: that of secrets is made of
 * the node's other one, so that it costs no choice of the run's.
 */
export function simEntropy(random: Random): Entropy {
  let seed: RandomSeed = [0, 0, 0, 0];
  return {
    seed() {
      seed = [random.u32(), random.u32(), random.u32(), random.u32()];
      return seed;
    },
    secretSeed: () => [...seed, ...seed],
  };
}
