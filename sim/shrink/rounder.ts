import type { ScenarioPlan, Step } from "../scenario/dsl.ts";
import { offsetText, parseSpan, span, spanText } from "../scenario/units.ts";

/** What the times of steps are rounded to, in microseconds, the coarsest first. */
const coarse = [10_000_000, 5_000_000, 1_000_000, 100_000, 10_000, 1_000];

/** The same steps at times that a person would write, the roughest first; also sooner. */
export function* rounderTimes(plan: ScenarioPlan): Generator<ScenarioPlan> {
  const { steps = [] } = plan;
  const moved = (us: (at: number, index: number) => number): ScenarioPlan => ({
    ...plan,
    steps: inOrder(
      steps.map((step, index) => ({ ...step, at: spanText(us(span(step.at), index)) })),
    ),
  });
  for (const unit of coarse) yield moved((at) => Math.round(at / unit) * unit);
  const first = steps[0] === undefined ? 0 : span(steps[0].at);
  for (const start of [15_000_000, 20_000_000, 30_000_000]) {
    if (first > start) yield moved((at) => at - first + start);
  }
  yield moved((at) => first + Math.round((at - first) / 2 / 1_000_000) * 1_000_000);
  for (const unit of coarse) {
    for (const index of steps.keys()) {
      yield moved((at, other) => (other === index ? Math.round(at / unit) * unit : at));
    }
  }
}

/** The same steps with rounder amounts in them: all at once, or one step's. */
export function* rounderAmounts(plan: ScenarioPlan): Generator<ScenarioPlan> {
  const { steps = [] } = plan;
  for (const digits of [1, 2]) {
    const rounded = steps.map((step) => ({ ...step, action: rounder(step.action, digits) }));
    yield { ...plan, steps: rounded };
    for (const [index, step] of rounded.entries()) {
      yield { ...plan, steps: steps.map((other, at) => (at === index ? step : other)) };
    }
  }
}

/** Stable: what happens at one moment stays in its order. */
function inOrder(steps: readonly Step[]): Step[] {
  return [...steps].sort((left, right) => span(left.at) - span(right.at));
}

/** A plain value in which all numbers, spans of time too, have this many digits of their own. */
function rounder<T>(value: T, digits: number): T {
  return roundedValue(value, digits) as T;
}

function roundedValue(value: unknown, digits: number): unknown {
  if (typeof value === "number") return significant(value, digits);
  if (typeof value === "string") {
    const us = parseSpan(value);
    return us === null ? value : offsetText(significant(us, digits));
  }
  if (Array.isArray(value)) return value.map((item) => roundedValue(item, digits));
  if (typeof value !== "object" || value === null) return value;
  const fields = Object.entries(value);
  return Object.fromEntries(fields.map(([key, field]) => [key, roundedValue(field, digits)]));
}

function significant(value: number, digits: number): number {
  return value === 0 ? 0 : Number(value.toPrecision(digits));
}
