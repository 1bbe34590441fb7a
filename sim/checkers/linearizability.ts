import { compareText } from "../../core/base/order.ts";
import { linearize } from "./linearize.ts";
import { explain } from "./misfit.ts";

/** One request of one client, and what came of it. */
export interface Operation<Input, Output> {
  readonly process: number;
  readonly input: Input;
  readonly invokedAt: number;
  /** Null as long as nothing is known: it may take effect at any later time, or never. */
  readonly output: Output | null;
  /** Null exactly when the output is; `invokedAt <= returnedAt`. */
  readonly returnedAt: number | null;
}

/**
 * What a history is held against: an object to which one thing happens at a time. States are values
 * and are never changed; none is undefined.
 */
export interface SequentialModel<State, Input, Output> {
  /** Operations on different keys have nothing to do with each other: each key starts anew. */
  key(input: Input): string;
  readonly initial: State;
  /**
   * The state after an operation, or undefined when it could not have come out like this. With an
   * output that nobody knows every operation is possible.
   */
  step(state: State, input: Input, output: Output | null): State | undefined;
  /** Names the state, for people too: equal texts for equal states only. */
  nameState(state: State): string;
  /** Such as `read -> 3`. */
  describe(input: Input, output: Output | null): string;
}

export type Verdict =
  | { readonly kind: "linearizable" }
  /** `why` says which operation does not fit, and into what. */
  | { readonly kind: "not-linearizable"; readonly key: string; readonly why: string }
  /** The work was more than `stepsMost`: nothing is known, which is not a pass. */
  | { readonly kind: "undecided"; readonly key: string; readonly why: string };

/** Steps of the model for one key, unless the caller says otherwise: some seconds of work. */
const stepsMostDefault = 2_000_000;

/**
 * Whether a history is linearizable: whether each operation could have taken effect at one moment
 * between its invocation and its return, in an order that the model allows.
 *
 * A history is linearizable exactly when it is for each key by itself (Herlihy and Wing 1990,
 * theorem 1), so each key is searched alone; the search is in `linearize.ts`. At one and the same
 * moment, invocations count as before returns.
 */
export function checkLinearizable<State, Input, Output>(
  model: SequentialModel<State, Input, Output>,
  history: readonly Operation<Input, Output>[],
  stepsMost = stepsMostDefault,
): Verdict {
  let undecided: Verdict | null = null;
  for (const [key, operations] of byKey(model, history)) {
    const found = linearize(model, operations, stepsMost);
    if (found.kind === "misfit") {
      return { kind: "not-linearizable", key, why: explain(model, operations, found) };
    }
    if (found.kind === "undecided") {
      const why = `${operations.length} operations are not decided after ${stepsMost} steps`;
      undecided ??= { kind: "undecided", key, why };
    }
  }
  return undecided ?? { kind: "linearizable" };
}

function byKey<State, Input, Output>(
  model: SequentialModel<State, Input, Output>,
  history: readonly Operation<Input, Output>[],
): (readonly [string, readonly Operation<Input, Output>[]])[] {
  const keys = new Map<string, Operation<Input, Output>[]>();
  for (const operation of history) {
    const key = model.key(operation.input);
    const others = keys.get(key);
    if (others === undefined) keys.set(key, [operation]);
    else others.push(operation);
  }
  return [...keys].sort(([left], [right]) => compareText(left, right));
}
