import type { NamedTable, StoreObject } from "../model/change.ts";

/** An object whose name no other of its table has. */
export type Named = StoreObject & { kind: NamedTable };

/** The objects that have names, as a function of all objects. None ever changes its name. */
export class Names {
  readonly #objects = new Map<string, Named>();

  of(table: NamedTable, name: string): Named | undefined {
    return this.#objects.get(keyOf(table, name));
  }

  /** Not present: it is gone. */
  put(object: Named, present: boolean): void {
    const key = keyOf(object.kind, object.spec.name);
    if (present) this.#objects.set(key, object);
    else this.#objects.delete(key);
  }
}

function keyOf(table: NamedTable, name: string): string {
  return `${table} ${name}`;
}
