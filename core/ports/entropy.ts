import type { RandomSeed } from "../base/random.ts";
import type { SecretSeed } from "../base/secrets.ts";

/** The only source of chance: asked once, when a node starts. All later draws follow from it. */
export interface Entropy {
  seed(): RandomSeed;
  /** For tokens and keys: 256 bits that nobody else ever learns. */
  secretSeed(): SecretSeed;
}
