import type { RandomSeed } from "../base/random.ts";

/** The only source of chance: asked once, when a node starts. All later draws follow from it. */
export interface Entropy {
  seed(): RandomSeed;
}
