/** Seeds from 1 on in blocks: short runs are handed to a thread many at a time. */

/** The seeds from `first` to `last`. */
export interface SeedBlock {
  readonly first: number;
  readonly last: number;
}

const blockSize = 50;

export function blockCount(seeds: number): number {
  return Math.ceil(seeds / blockSize);
}

/** The block at this place, from 0, of all blocks of so many seeds. */
export function blockAt(index: number, seeds: number): SeedBlock {
  const first = index * blockSize + 1;
  return { first, last: Math.min(seeds, first + blockSize - 1) };
}

/** What `of` finds for each seed of a block. */
export function eachSeed<Found>({ first, last }: SeedBlock, of: (seed: number) => Found): Found[] {
  return Array.from({ length: last - first + 1 }, (_, at) => of(first + at));
}
