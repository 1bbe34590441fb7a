import { type Finding, play } from "./play.ts";
import type { Rivals } from "./rivals.ts";
import type { Step } from "./step.ts";

/**
 * The history without each step that it can do without, from the last to the first: what is left
 * differs in one of the same places. Empty: it did not happen again.
 */
export async function shrunk(
  rivals: Rivals,
  history: readonly Step[],
  { differences }: Finding,
): Promise<readonly Step[]> {
  const paths = new Set(differences.map(({ path }) => path));
  const differs = async (steps: readonly Step[]): Promise<number | null> => {
    const findings = await play(rivals, steps, () => undefined);
    const same = findings.find((each) => each.differences.some(({ path }) => paths.has(path)));
    return same === undefined ? null : same.at + 1;
  };
  if ((await differs(history)) === null) return [];
  let smallest = history;
  for (let at = history.length - 2; at >= 0; at -= 1) {
    const fewer = smallest.filter((_, index) => index !== at);
    const length = await differs(fewer);
    if (length !== null) smallest = fewer.slice(0, length);
    at = Math.min(at, smallest.length - 1);
  }
  return smallest;
}
