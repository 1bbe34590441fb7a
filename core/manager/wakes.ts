import { IndexedHeap, type Positioned } from "../base/indexed-heap.ts";
import type { Timestamp } from "../base/time.ts";
import type { SlotKey } from "../model/task.ts";

interface Wake extends Positioned {
  readonly time: Timestamp;
  readonly sequence: number;
  readonly service: string;
  /** Null: the service as a whole. */
  readonly slot: SlotKey | null;
}

/** When services, or single slots of theirs, are to be looked at though nothing has changed. */
export class Wakes {
  readonly #order = new IndexedHeap<Wake>(precedes);
  /** By service and slot: a service and each of its slots has one at most. */
  readonly #services = new Map<string, Map<SlotKey | null, Wake>>();
  #sequence = 0;

  /** The next one; null: there is none. */
  get next(): Timestamp | null {
    return this.#order.peek()?.time ?? null;
  }

  /** How many there are. */
  get size(): number {
    return this.#order.size;
  }

  /** Instead of the moment that was set before; null: never. */
  set(service: string, slot: SlotKey | null, time: Timestamp | null): void {
    const known = this.#services.get(service)?.get(slot);
    if ((known?.time ?? null) === time) return;
    if (known !== undefined) this.#delete(known);
    if (time === null) return;
    this.#sequence += 1;
    const wake = { time, sequence: this.#sequence, service, slot, position: -1 };
    this.#order.push(wake);
    const slots = this.#services.get(service);
    if (slots === undefined) this.#services.set(service, new Map([[slot, wake]]));
    else slots.set(slot, wake);
  }

  /** Of the service and all its slots. */
  forget(service: string): void {
    for (const wake of this.#services.get(service)?.values() ?? []) this.#order.remove(wake);
    this.#services.delete(service);
  }

  /** Takes out what is due: calls `look` for each, the earliest first. */
  takeDue(now: Timestamp, look: (service: string, slot: SlotKey | null) => void): void {
    for (let wake = this.#order.peek(); wake !== undefined && wake.time <= now; ) {
      this.#delete(wake);
      look(wake.service, wake.slot);
      wake = this.#order.peek();
    }
  }

  #delete(wake: Wake): void {
    this.#order.remove(wake);
    const slots = this.#services.get(wake.service);
    slots?.delete(wake.slot);
    if (slots?.size === 0) this.#services.delete(wake.service);
  }
}

function precedes(left: Wake, right: Wake): boolean {
  return left.time < right.time || (left.time === right.time && left.sequence < right.sequence);
}
