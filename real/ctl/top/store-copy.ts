import type { StoreObject } from "../../../core/model/change.ts";
import type { WatchEvent } from "../../wire/services.ts";

/** What became of one object; not both are null. */
export type Change = Pick<WatchEvent, "previous" | "current">;

/** A copy of what is stored, of what is listed and then changes. */
export class StoreCopy {
  #objects = new Map<string, StoreObject>();

  get objects(): readonly StoreObject[] {
    return [...this.#objects.values()];
  }

  /** What there is, all of it: what has changed since the last time. */
  replace(objects: readonly StoreObject[]): Change[] {
    const before = this.#objects;
    this.#objects = new Map(objects.map((object) => [keyOf(object), object]));
    const gone = [...before].filter(([key]) => !this.#objects.has(key));
    return [
      ...gone.map(([, previous]) => ({ previous, current: null })),
      ...objects.flatMap((current) => {
        const previous = before.get(keyOf(current)) ?? null;
        const isSame = previous?.meta.version === current.meta.version;
        return isSame ? [] : [{ previous, current }];
      }),
    ];
  }

  /** One change; null when the copy is as new already. */
  take({ previous, current }: Change): Change | null {
    const key = keyOf((current ?? previous) as StoreObject);
    const known = this.#objects.get(key) ?? null;
    if (current === null) {
      const isNewer = known !== null && known.meta.version > (previous?.meta.version ?? 0);
      if (known === null || isNewer) return null;
      this.#objects.delete(key);
      return { previous: known, current };
    }
    if (known !== null && known.meta.version >= current.meta.version) return null;
    this.#objects.set(key, current);
    return { previous: known, current };
  }
}

function keyOf({ kind, id }: StoreObject): string {
  return `${kind} ${id}`;
}
