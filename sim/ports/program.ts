import type { ServicePlan } from "../scenario/service-words.ts";
import { span } from "../scenario/units.ts";

/**
 * What a container's program does by itself. It is told so as a real program would be, by its
 * environment, so that it travels with the task's spec to whichever machine runs it.
 */
export interface Program {
  /** It ends after a time from between these, in microseconds; null: it does not. */
  readonly runsFor: readonly [least: number, most: number] | null;
  /** How often it ends with an error, and not with 0. */
  readonly failuresPerMillion: number;
}

const runsForName = "SIM_RUNS_FOR_US=";
const failuresName = "SIM_FAILURES_PER_MILLION=";

export function programOf(env: readonly string[]): Program {
  const [least, most] = variable(env, runsForName)?.split("-").map(Number) ?? [];
  return {
    runsFor: least === undefined || most === undefined ? null : [least, most],
    failuresPerMillion: Number(variable(env, failuresName) ?? 0),
  };
}

/** `env` with what the plan says of the program. */
export function environmentOf(
  env: readonly string[],
  { runsFor, fails, env: asked }: Partial<ServicePlan>,
): readonly string[] {
  const others = asked ?? env.filter((each) => !isOurs(each));
  if (runsFor === undefined && fails === undefined) {
    return asked === undefined ? env : [...others, ...env.filter(isOurs)];
  }
  const { runsFor: before, failuresPerMillion } = programOf(env);
  const [least, most] = runsFor?.map(span) ?? before ?? [];
  const ends = least === undefined ? [] : [`${runsForName}${least}-${most}`];
  const failures = fails === undefined ? failuresPerMillion : Math.round(fails * 10_000);
  return [...others, ...ends, `${failuresName}${failures}`];
}

function isOurs(text: string): boolean {
  return text.startsWith(runsForName) || text.startsWith(failuresName);
}

function variable(env: readonly string[], name: string): string | undefined {
  return env.find((each) => each.startsWith(name))?.slice(name.length);
}
