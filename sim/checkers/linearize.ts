import type { Operation, SequentialModel } from "./linearizability.ts";
import { PlacedSet } from "./placed-set.ts";
import { Timeline } from "./timeline.ts";

/** What the search came to. */
export type Linearized<Input, Output> =
  | { readonly kind: "ordered" }
  | { readonly kind: "undecided" }
  /**
   * No order explains all that had returned when `misfit` did. `order` is the shortest of those
   * that explain what had returned before.
   */
  | {
      readonly kind: "misfit";
      readonly order: readonly Operation<Input, Output>[];
      readonly misfit: Operation<Input, Output>;
    };

/** An operation that was placed, and the state before it. */
interface Placed<State> {
  readonly id: number;
  readonly state: State;
  readonly name: string;
}

/**
 * Looks for an order of one key's operations that the model allows: Wing and Gong's search (1993)
 * with Lowe's memory (2017), as in Porcupine.
 *
 * Model: a line of invocations and returns in the order of time. Any operation invoked before the
 * first return on the line may come next. It is placed and taken off the line, and the search
 * starts again at the front; when nothing fits before the first return, the last one placed is put
 * back and the next candidate tried. Once there is no return on the line, all that is known is
 * explained.
 *   1. Two ways to the same set of placed operations and the same state go on alike: the second is
 *      not followed.
 *   2. An operation without a known outcome has no return, so nothing makes the search place it.
 *      It is tried after all others, and only where it changes the state: elsewhere it is as good
 *      as never.
 *   3. Of two ways that differ only in the unknown operations that they used up, one that used
 *      fewer can go on in every way in which the other can: the other is not followed.
 */
export function linearize<State, Input, Output>(
  model: SequentialModel<State, Input, Output>,
  operations: readonly Operation<Input, Output>[],
  stepsMost: number,
): Linearized<Input, Output> {
  const search = new Search(model, operations);
  const end = search.run(stepsMost);
  if (end !== "blocked") return { kind: end };
  const again = new Search(model, operations);
  again.lookAt = search.farthest;
  again.run(stepsMost);
  const [order, misfit] = [again.shortest ?? [], again.operationAt(search.farthest)];
  return { kind: "misfit", order, misfit };
}

class Search<State, Input, Output> {
  readonly #model: SequentialModel<State, Input, Output>;
  readonly #line: Timeline<Input, Output>;
  readonly #known: PlacedSet;
  readonly #unknown: PlacedSet;
  readonly #stack: Placed<State>[] = [];
  /** By the known operations placed and the state: the unknown ones used, for each way there. */
  readonly #seen = new Map<string, Uint16Array[]>();
  #state: State;
  #name: string;
  /** The last place on the line that no order got past. */
  farthest = -1;
  /** The place at which `shortest` is taken. */
  lookAt = -1;
  shortest: Operation<Input, Output>[] | null = null;

  constructor(
    model: SequentialModel<State, Input, Output>,
    operations: readonly Operation<Input, Output>[],
  ) {
    this.#model = model;
    this.#line = new Timeline(operations);
    this.#known = new PlacedSet(this.#line.known);
    this.#unknown = new PlacedSet(operations.length - this.#line.known);
    this.#state = model.initial;
    this.#name = model.nameState(model.initial);
  }

  run(stepsMost: number): "ordered" | "blocked" | "undecided" {
    const line = this.#line;
    let steps = 0;
    let candidate = line.firstCandidate();
    while (line.returnsLeft > 0) {
      if (candidate === null) {
        this.#noteBlock(line.firstReturn());
        const last = this.#stack.pop();
        if (last === undefined) return "blocked";
        this.#putBack(last);
        candidate = line.candidateAfter(last.id);
        continue;
      }
      steps += 1;
      if (steps > stepsMost) return "undecided";
      candidate = this.#place(candidate) ? line.firstCandidate() : line.candidateAfter(candidate);
    }
    return "ordered";
  }

  operationAt(place: number): Operation<Input, Output> {
    return this.#line.operation(this.#line.idAt(place));
  }

  #noteBlock(place: number): void {
    if (place > this.farthest) this.farthest = place;
    if (place !== this.lookAt) return;
    if (this.shortest !== null && this.shortest.length <= this.#stack.length) return;
    this.shortest = this.#stack.map(({ id }) => this.#line.operation(id));
  }

  #place(id: number): boolean {
    const { input, output } = this.#line.operation(id);
    const state = this.#model.step(this.#state, input, output);
    if (state === undefined) return false;
    const name = this.#model.nameState(state);
    if (output === null && name === this.#name) return false;
    this.#mark(id);
    if (!this.#isNew(name)) {
      this.#unmark(id);
      return false;
    }
    this.#stack.push({ id, state: this.#state, name: this.#name });
    this.#line.lift(id);
    this.#state = state;
    this.#name = name;
    return true;
  }

  /** Remembers the way here, unless one that was at least as good is remembered already. */
  #isNew(name: string): boolean {
    const place = `${this.#known.key()} ${name}`;
    const ways = this.#seen.get(place);
    if (ways?.some((used) => this.#unknown.contains(used)) === true) return false;
    if (ways === undefined) this.#seen.set(place, [this.#unknown.copy()]);
    else ways.push(this.#unknown.copy());
    return true;
  }

  #putBack({ id, state, name }: Placed<State>): void {
    this.#state = state;
    this.#name = name;
    this.#unmark(id);
    this.#line.unlift(id);
  }

  #mark(id: number): void {
    const { known } = this.#line;
    if (id < known) this.#known.add(id);
    else this.#unknown.add(id - known);
  }

  #unmark(id: number): void {
    const { known } = this.#line;
    if (id < known) this.#known.delete(id);
    else this.#unknown.delete(id - known);
  }
}
