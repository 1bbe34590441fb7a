import type { Operation, SequentialModel } from "./linearizability.ts";

/** How much of the order is told: what came before led to the state that is told with it. */
const tailLength = 6;

interface Misfit<Input, Output> {
  readonly order: readonly Operation<Input, Output>[];
  readonly misfit: Operation<Input, Output>;
}

/**
 * Why a key's history is not linearizable, in words: the operation that nothing explains, the end
 * of an order that explains all that returned before it, and what else might have come in between.
 */
export function explain<State, Input, Output>(
  model: SequentialModel<State, Input, Output>,
  operations: readonly Operation<Input, Output>[],
  { order, misfit }: Misfit<Input, Output>,
): string {
  const skipped = Math.max(0, order.length - tailLength);
  const states = statesOf(model, order);
  const tell = (operation: Operation<Input, Output>): string => describe(model, operation);
  const before = skipped === 0 ? [] : [`  after ${skipped} operations: ${states[skipped]}`];
  const steps = order.slice(skipped).map((operation, at) => {
    return `  ${skipped + at + 1}. ${tell(operation)}: now ${states[skipped + at + 1]}`;
  });
  const open = operations.filter((each) => !order.includes(each) && mayPrecede(each, misfit));
  const others = open.map((each) => `  nor after: ${tell(each)}`);
  const last = states.at(-1) as string;
  return [
    `no order explains ${tell(misfit)}`,
    `${order.length} of ${operations.length} operations can be put in order:`,
    ...before,
    ...steps,
    `it does not fit at the end, where the state is ${last}, nor anywhere since it was asked`,
    ...others,
  ].join("\n");
}

/** Named states: before the first operation of the order, and after each. */
function statesOf<State, Input, Output>(
  model: SequentialModel<State, Input, Output>,
  order: readonly Operation<Input, Output>[],
): string[] {
  let state = model.initial;
  const names = [model.nameState(state)];
  for (const { input, output } of order) {
    state = model.step(state, input, output) as State;
    names.push(model.nameState(state));
  }
  return names;
}

function mayPrecede(
  operation: Operation<unknown, unknown>,
  misfit: Operation<unknown, unknown>,
): boolean {
  return operation !== misfit && operation.invokedAt <= (misfit.returnedAt as number);
}

function describe<State, Input, Output>(
  model: SequentialModel<State, Input, Output>,
  { process: who, input, output, invokedAt, returnedAt }: Operation<Input, Output>,
): string {
  const span = returnedAt === null ? `from ${invokedAt} on` : `${invokedAt} to ${returnedAt}`;
  return `${model.describe(input, output)} (process ${who}, ${span})`;
}
