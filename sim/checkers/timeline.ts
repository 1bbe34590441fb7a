import type { Operation } from "./linearizability.ts";

interface Event {
  readonly id: number;
  readonly time: number;
  readonly isReturn: boolean;
}

/**
 * The invocations and returns of a history in the order of time: a doubly linked list from which
 * operations are lifted, and into which they are put back, the last one first.
 *
 * Operations are numbered: first those with a known outcome, then the others, each in the order of
 * their invocations. The others are not on the list, since they never return. Places are numbered
 * from 0 in the order of time; the list is a ring that is closed by one place more.
 */
export class Timeline<Input, Output> {
  /** How many operations have a known outcome: the ids below this. */
  readonly known: number;
  /** Returns that are still on the line. */
  returnsLeft: number;
  readonly #operations: readonly Operation<Input, Output>[];
  readonly #events: readonly Event[];
  readonly #next: Int32Array;
  readonly #previous: Int32Array;
  readonly #invocations: Int32Array;
  readonly #returns: Int32Array;
  readonly #lifted: Uint8Array;

  constructor(history: readonly Operation<Input, Output>[]) {
    const sorted = [...history].sort((left, right) => left.invokedAt - right.invokedAt);
    const known = sorted.filter(({ output }) => output !== null);
    this.#operations = [...known, ...sorted.filter(({ output }) => output === null)];
    this.known = known.length;
    this.returnsLeft = known.length;
    this.#events = eventsOf(this.#operations);
    const ring = this.#events.length + 1;
    this.#next = new Int32Array(ring);
    this.#previous = new Int32Array(ring);
    this.#invocations = new Int32Array(sorted.length);
    this.#returns = new Int32Array(sorted.length);
    this.#lifted = new Uint8Array(sorted.length);
    this.#tie();
  }

  /** The operation to try first; there is always one while a return is left. */
  firstCandidate(): number | null {
    return this.#candidateAt(this.#next[this.#events.length] as number);
  }

  /** The operation to try after `id`: those with a known outcome first. Null when none is left. */
  candidateAfter(id: number): number | null {
    if (id >= this.known) return this.#unknownFrom(id + 1);
    return this.#candidateAt(this.#next[this.#invocations[id] as number] as number);
  }

  /** The place of the first return on the line. */
  firstReturn(): number {
    let at = this.#next[this.#events.length] as number;
    while (this.#events[at]?.isReturn === false) at = this.#next[at] as number;
    return at;
  }

  /** The operation whose invocation or return is at a place. */
  idAt(place: number): number {
    return (this.#events[place] as Event).id;
  }

  operation(id: number): Operation<Input, Output> {
    return this.#operations[id] as Operation<Input, Output>;
  }

  lift(id: number): void {
    this.#lifted[id] = 1;
    if (id >= this.known) return;
    this.#unlink(this.#invocations[id] as number);
    this.#unlink(this.#returns[id] as number);
    this.returnsLeft -= 1;
  }

  unlift(id: number): void {
    this.#lifted[id] = 0;
    if (id >= this.known) return;
    this.#link(this.#returns[id] as number);
    this.#link(this.#invocations[id] as number);
    this.returnsLeft += 1;
  }

  #tie(): void {
    let last = this.#events.length;
    this.#events.forEach(({ id, isReturn }, at) => {
      if (isReturn) this.#returns[id] = at;
      else this.#invocations[id] = at;
      if (id >= this.known) return;
      this.#next[last] = at;
      this.#previous[at] = last;
      last = at;
    });
    this.#next[last] = this.#events.length;
    this.#previous[this.#events.length] = last;
  }

  #candidateAt(place: number): number | null {
    const event = this.#events[place];
    return event?.isReturn === false ? event.id : this.#unknownFrom(this.known);
  }

  /** The first operation from `id` on that is not placed and was asked before the first return. */
  #unknownFrom(id: number): number | null {
    const end = this.firstReturn();
    for (let next = id; next < this.#operations.length; next += 1) {
      if ((this.#invocations[next] as number) > end) return null;
      if (this.#lifted[next] === 0) return next;
    }
    return null;
  }

  #unlink(at: number): void {
    const [previous, next] = [this.#previous[at] as number, this.#next[at] as number];
    this.#next[previous] = next;
    this.#previous[next] = previous;
  }

  #link(at: number): void {
    this.#next[this.#previous[at] as number] = at;
    this.#previous[this.#next[at] as number] = at;
  }
}

function eventsOf(operations: readonly Operation<unknown, unknown>[]): Event[] {
  const events = operations.flatMap(({ invokedAt, output, returnedAt }, id): Event[] => {
    const invocation = { id, time: invokedAt, isReturn: false };
    if (output === null || returnedAt === null) return [invocation];
    return [invocation, { id, time: returnedAt, isReturn: true }];
  });
  const rank = ({ isReturn }: Event): number => (isReturn ? 1 : 0);
  return events.sort(
    (left, right) => left.time - right.time || rank(left) - rank(right) || left.id - right.id,
  );
}
