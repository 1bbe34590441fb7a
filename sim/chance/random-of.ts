import seedrandom from "seedrandom";
import { Random, type Tap } from "../../core/base/random.ts";

/**
 * Turns a seed text into the root of all chance. The library repeats a key to fill its state, so
 * `1` and `11` alone would be the same; the frame around them makes every text its own.
 */
export function randomOf(seed: string, tap?: Tap): Random {
  const words = seedrandom(`simswarm ${seed};`);
  return new Random([words.int32(), words.int32(), words.int32(), words.int32()], tap);
}
