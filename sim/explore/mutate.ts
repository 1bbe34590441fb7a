import type { Random } from "../../core/base/random.ts";
import { type BuggifyPoint, buggifyPoints } from "../../core/base/situations.ts";
import type { Chaos, ScenarioPlan, Step } from "../scenario/dsl.ts";
import { span, spanText } from "../scenario/units.ts";
import { chaosMost, drawKind, type Kind, kindsFor } from "./menu.ts";

/** Faults and steps much like those of a run that went where none had been. */

const changesMost = 3;
const second = 1_000_000;
/** Steps move by no more than this, in microseconds. */
const shiftMost = 60 * second;

/** `parent` with a few changes; `base` is the scenario from which it was drawn. */
export function mutated(base: ScenarioPlan, parent: ScenarioPlan, random: Random): ScenarioPlan {
  let plan = parent;
  for (let left = random.between(1, changesMost); left > 0; left -= 1) {
    plan = changedOnce(base, plan, random);
  }
  return plan;
}

function changedOnce(base: ScenarioPlan, plan: ScenarioPlan, random: Random): ScenarioPlan {
  const { chaos } = plan;
  if (chaos === undefined) return plan;
  switch (random.below(6)) {
    case 0:
      return { ...plan, chaos: without(chaos, random) };
    case 1:
      return { ...plan, chaos: longer(chaos, random) };
    case 2:
      return { ...plan, chaos: withPoint(chaos, random) };
    case 3:
      return (plan.steps ?? []).length > 0 ? { ...plan, steps: moved(plan.steps, random) } : plan;
    default:
      return { ...plan, chaos: redrawn(base, chaos, random) };
  }
}

function without(chaos: Chaos, random: Random): Chaos {
  const kinds = Object.keys(chaos).filter((key) => !fixed.has(key));
  if (kinds.length === 0) return chaos;
  const { [random.pick(kinds) as Kind]: _gone, ...rest } = chaos;
  return rest;
}

const fixed = new Set(["from", "until", "everyKind", "buggify"]);

function redrawn(base: ScenarioPlan, chaos: Chaos, random: Random): Chaos {
  const kind = random.pick(kindsFor(base));
  return { ...chaos, [kind]: drawKind(base, kind, random) };
}

/** The end of the chaos moves, by up to a minute either way. */
function longer(chaos: Chaos, random: Random): Chaos {
  const from = span(chaos.from);
  const until = span(chaos.until) + random.between(-60, 60) * second;
  const bounded = Math.min(Math.max(from + 5 * second, until), from + chaosMost);
  return { ...chaos, until: spanText(bounded) };
}

function withPoint(chaos: Chaos, random: Random): Chaos {
  const point = random.pick(Object.keys(buggifyPoints) as BuggifyPoint[]);
  const points = chaos.buggify === true || chaos.buggify === undefined ? [] : chaos.buggify;
  const others = points.filter((each) => each !== point);
  return { ...chaos, buggify: others.length === points.length ? [...points, point] : others };
}

/** One step comes a little earlier or later, but stays between its neighbours. */
function moved(steps: readonly Step[] = [], random: Random): Step[] {
  const place = random.below(steps.length);
  const timeAt = (at: number, otherwise: number) => {
    const step = steps[at];
    return step === undefined ? otherwise : span(step.at);
  };
  const own = timeAt(place, 0);
  const least = Math.max(timeAt(place - 1, 0), own - shiftMost);
  const most = Math.min(timeAt(place + 1, own + 10 * second), own + shiftMost);
  const time = random.between(least, most);
  return steps.map((step, at) => (at === place ? { ...step, at: spanText(time) } : step));
}
