import { randomBytes } from "node:crypto";
import type { RandomSeed } from "../core/base/random.ts";
import type { SecretSeed } from "../core/base/secrets.ts";
import type { Entropy } from "../core/ports/entropy.ts";

/** The operating system's generator, which no one can foretell. */
export const entropy: Entropy = {
  seed: () => words(4) as unknown as RandomSeed,
  secretSeed: () => words(8) as unknown as SecretSeed,
};

function words(count: number): number[] {
  const bytes = randomBytes(4 * count);
  return Array.from({ length: count }, (_, at) => bytes.readUInt32LE(4 * at));
}
