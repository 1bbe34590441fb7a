import { Heap } from "../base/heap.ts";
import type { Timestamp } from "../base/time.ts";
import type { SlotKey } from "../model/task.ts";

interface Wake {
  readonly time: Timestamp;
  readonly sequence: number;
  readonly service: string;
  /** Null: the service as a whole. */
  readonly slot: SlotKey | null;
}

/** When services, or single slots of theirs, are to be looked at though nothing has changed. */
export class Wakes {
  readonly #order = new Heap<Wake>();
  /** Those that hold, by service and slot: a service and each of its slots has one at most. */
  readonly #services = new Map<string, Map<SlotKey | null, Wake>>();
  #sequence = 0;

  /** The next one; null: there is none. */
  get next(): Timestamp | null {
    return this.#order.peek()?.time ?? null;
  }

  /** Instead of the moment that was set before; null: never. */
  set(service: string, slot: SlotKey | null, time: Timestamp | null): void {
    const known = this.#services.get(service)?.get(slot)?.time ?? null;
    if (known === time) return;
    if (time === null) this.#delete(service, slot);
    else {
      this.#sequence += 1;
      const wake = { time, sequence: this.#sequence, service, slot };
      this.#order.push(wake);
      const slots = this.#services.get(service);
      if (slots === undefined) this.#services.set(service, new Map([[slot, wake]]));
      else slots.set(slot, wake);
    }
    this.#dropStale();
  }

  /** Of the service and all its slots. */
  forget(service: string): void {
    if (this.#services.delete(service)) this.#dropStale();
  }

  /** Takes out what is due: calls `look` for each, the earliest first. */
  takeDue(now: Timestamp, look: (service: string, slot: SlotKey | null) => void): void {
    for (let wake = this.#order.peek(); wake !== undefined && wake.time <= now; ) {
      this.#delete(wake.service, wake.slot);
      look(wake.service, wake.slot);
      this.#dropStale();
      wake = this.#order.peek();
    }
  }

  #delete(service: string, slot: SlotKey | null): void {
    const slots = this.#services.get(service);
    slots?.delete(slot);
    if (slots?.size === 0) this.#services.delete(service);
  }

  /** So that the first one holds. */
  #dropStale(): void {
    for (let wake = this.#order.peek(); wake !== undefined; wake = this.#order.peek()) {
      if (this.#services.get(wake.service)?.get(wake.slot) === wake) return;
      this.#order.pop();
    }
  }
}
