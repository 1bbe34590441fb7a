import { WrongInput } from "./exit-codes.ts";
import type { SeedBlock } from "./seed-blocks.ts";

/** The seeds that `--seeds A..B` names. @throws WrongInput */
export function seedRange(text: string): SeedBlock {
  const match = /^(\d+)\.\.(\d+)$/.exec(text);
  if (match === null) {
    throw new WrongInput(`--seeds ${text}: write two whole numbers, such as 1..200`);
  }
  const [first, last] = [Number(match[1]), Number(match[2])];
  if (first > last) {
    throw new WrongInput(`--seeds ${text}: the range descends; write the lower number first`);
  }
  if (!Number.isSafeInteger(last)) {
    throw new WrongInput(`--seeds ${text}: the numbers are too large`);
  }
  return { first, last };
}
