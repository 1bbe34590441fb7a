import { assert } from "../core/base/assert.ts";
import { Heap } from "../core/base/heap.ts";

/** A moment of the simulated world, in whole microseconds since its start. */
export type SimTime = number;

/** Events at one and the same moment; more are no cluster's work but a loop without end. */
const eventsAtOnceMost = 100_000;

/** What kind of thing happens. The numbers are part of every digest: never reuse one. */
export const EventKind = {
  STEP: 1,
  DELIVER: 2,
  WAKE: 3,
  DISK: 4,
  EXECUTOR: 5,
  REQUEST: 6,
  REPLY: 7,
  CLIENT: 8,
  FAULT: 9,
  SIGNER: 10,
  AUTHORITY: 11,
  UNREACHABLE: 12,
} as const;
export type EventKind = (typeof EventKind)[keyof typeof EventKind];

/** One thing that is going to happen. Once it happens it does not change any more. */
export interface SimEvent {
  readonly time: SimTime;
  readonly sequence: number;
  readonly kind: EventKind;
  /** Number of the host that it happens to; -1 for the world. */
  readonly host: number;
  /** What it is about, for traces: a message, a request, a name. */
  readonly subject: unknown;
  /** Given the event; returns false when it came too late to matter: such a one leaves no trace. */
  readonly run: (event: SimEvent) => boolean;
}

/** An event that waits, and may be put off. */
type QueuedEvent = { -readonly [Field in keyof SimEvent]: SimEvent[Field] };

/**
 * The queue of what is going to happen. Events are handled one by one in the order of (time,
 * sequence), with no promise, no timer and no other thread: the order is the same on any machine.
 */
export class Kernel {
  readonly #queue = new Heap<QueuedEvent>();
  #now: SimTime = 0;
  #sequence = 0;
  #handled = 0;
  #atOnce = 0;
  #current: SimEvent | null = null;

  get now(): SimTime {
    return this.#now;
  }

  /** How many events were handled so far. */
  get handled(): number {
    return this.#handled;
  }

  /** The event that is being handled, or whose handling threw; null between two events. */
  get current(): SimEvent | null {
    return this.#current;
  }

  /** Returns the event's place in the queue, which is its own until it happens. */
  schedule(
    delay: number,
    kind: EventKind,
    host: number,
    subject: unknown,
    run: (event: SimEvent) => boolean,
  ): number {
    assert(delay >= 0, "nothing happens in the past");
    this.#sequence += 1;
    const [time, sequence] = [this.#now + delay, this.#sequence];
    return this.#queue.push({ time, sequence, kind, host, subject, run });
  }

  /** The event at this place happens then, and not when it was to. */
  postpone(place: number, delay: number): void {
    assert(delay >= 0, "nothing happens in the past");
    this.#sequence += 1;
    const event = this.#queue.at(place);
    event.time = this.#now + delay;
    event.sequence = this.#sequence;
    this.#queue.moved(place);
  }

  /** The moment of the next event; null when nothing is going to happen any more. */
  get nextAt(): SimTime | null {
    return this.#queue.peek()?.time ?? null;
  }

  /** Handles the next event and returns it; null when it did not matter or there was none. */
  step(): SimEvent | null {
    const event = this.#queue.pop();
    if (event === undefined) return null;
    this.#atOnce = event.time === this.#now ? this.#atOnce + 1 : 0;
    assert(this.#atOnce <= eventsAtOnceMost, "time goes on");
    this.#now = event.time;
    this.#current = event;
    const mattered = event.run(event);
    this.#current = null;
    if (!mattered) return null;
    this.#handled += 1;
    return event;
  }
}
