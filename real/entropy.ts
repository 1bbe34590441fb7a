import { randomBytes } from "node:crypto";
import type { RandomSeed } from "../core/base/random.ts";
import type { Entropy } from "../core/ports/entropy.ts";

/** The operating system's generator, which no one can foretell. */
export const entropy: Entropy = {
  seed(): RandomSeed {
    const bytes = randomBytes(16);
    return [0, 4, 8, 12].map((at) => bytes.readUInt32LE(at)) as unknown as RandomSeed;
  },
};
