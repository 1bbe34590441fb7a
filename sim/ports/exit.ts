import type { Random } from "../../core/base/random.ts";
import { exponential } from "../chance/draw.ts";
import type { Container } from "./container.ts";
import type { ContainerConditions } from "./container-conditions.ts";
import type { Program } from "./program.ts";

/** Exit codes of what ends by SIGTERM, and by SIGKILL. */
export const terminated = 143;
export const killed = 137;

/** How a container comes to end by itself, and how long after it began to run. */
interface Exit {
  readonly after: number;
  readonly exitCode: number;
}

/** Null: it runs until it is stopped. */
export function exitOf(
  { image, program }: Pick<Container, "image" | "program">,
  conditions: ContainerConditions,
  random: Random,
): Exit | null {
  const [crash, end] = [crashOf(image, conditions, random), endOf(program, random)];
  return crash !== null && (end === null || crash.after < end.after) ? crash : end;
}

function crashOf(
  image: string,
  { badImages, crashMean }: ContainerConditions,
  random: Random,
): Exit | null {
  const crashesAfter = badImages.get(image);
  if (crashesAfter !== undefined) return { after: crashesAfter, exitCode: 1 };
  if (crashMean === 0) return null;
  const exitCode = random.chance(200_000) ? 0 : 1;
  return { after: exponential(random, crashMean), exitCode };
}

function endOf({ runsFor, failuresPerMillion }: Program, random: Random): Exit | null {
  if (runsFor === null) return null;
  const after = random.between(...runsFor);
  return { after, exitCode: random.chance(failuresPerMillion) ? 1 : 0 };
}
