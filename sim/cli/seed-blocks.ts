/** Seeds in blocks: short runs are handed to a thread many at a time. */

/** The seeds from `first` to `last`. */
export interface SeedBlock {
  readonly first: number;
  readonly last: number;
}

const blockSize = 50;

export function blockCount(seeds: SeedBlock): number {
  return Math.ceil(countOf(seeds) / blockSize);
}

/** The block at this place, from 0, of all blocks of these seeds. */
export function blockAt(index: number, seeds: SeedBlock): SeedBlock {
  const first = seeds.first + index * blockSize;
  return { first, last: Math.min(seeds.last, first + blockSize - 1) };
}

export function countOf({ first, last }: SeedBlock): number {
  return last - first + 1;
}

/** What `of` finds for each seed of a block. */
export function eachSeed<Found>(seeds: SeedBlock, of: (seed: number) => Found): Found[] {
  return Array.from({ length: countOf(seeds) }, (_, at) => of(seeds.first + at));
}
