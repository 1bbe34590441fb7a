/** Which rows of a list are on the screen: this many from `first` on. */
export interface Window {
  readonly first: number;
  readonly count: number;
}

/** Keeps the chosen row in the middle, where the ends of the list allow it. */
export function windowAround(at: number, total: number, height: number): Window {
  const count = Math.min(total, Math.max(0, height));
  const first = Math.min(Math.max(0, at - Math.floor(count / 2)), total - count);
  return { first, count };
}
