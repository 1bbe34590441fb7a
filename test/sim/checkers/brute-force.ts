import type { Operation, SequentialModel } from "../../../sim/checkers/linearizability.ts";

/**
 * The definition itself, for histories of a few operations: some order of all operations whose
 * outcome is known, and of any of the others, respects time and is allowed by the model.
 */
export function isLinearizable<State, Input, Output>(
  model: SequentialModel<State, Input, Output>,
  history: readonly Operation<Input, Output>[],
): boolean {
  const states = new Map(history.map(({ input }) => [model.key(input), model.initial]));
  return extend(model, history, states);
}

function extend<State, Input, Output>(
  model: SequentialModel<State, Input, Output>,
  left: readonly Operation<Input, Output>[],
  states: ReadonlyMap<string, State>,
): boolean {
  if (left.every(({ output }) => output === null)) return true;
  return left.some((next) => {
    if (left.some((other) => isBefore(other, next))) return false;
    const key = model.key(next.input);
    const state = model.step(states.get(key) as State, next.input, next.output);
    if (state === undefined) return false;
    const others = left.filter((other) => other !== next);
    return extend(model, others, new Map(states).set(key, state));
  });
}

function isBefore(left: Operation<unknown, unknown>, right: Operation<unknown, unknown>): boolean {
  return left.returnedAt !== null && left.returnedAt < right.invokedAt;
}
