import type { StoreObject } from "../model/change.ts";
import type { StoreSnapshot } from "../store/store.ts";

/** So much is in one part, in bytes: a turn of the event loop makes it. */
const partBytes = 512 * 1024;
/** About what an object takes beside the content of a secret or config, in bytes. */
export const objectBytes = 4096;

/**
 * The store in parts of about `partBytes`: the first has everything but objects after its own,
 * the others have only objects. All of them have the index and the time.
 */
export function* storeParts(store: StoreSnapshot): Generator<StoreSnapshot> {
  let rest: StoreSnapshot = store;
  for (const objects of inParts(store.objects, sizeOfObject)) {
    yield { ...rest, objects };
    rest = { ...store, sessions: [], failures: [] };
  }
  if (rest === store) yield store;
}

/** The items in their order, so many together as fill a part; one that is larger is alone. */
export function* inParts<Item>(
  items: Iterable<Item>,
  sizeOf: (item: Item) => number,
): Generator<Item[]> {
  let part: Item[] = [];
  let room = partBytes;
  for (const item of items) {
    const size = sizeOf(item);
    if (size > room && part.length > 0) {
      yield part;
      part = [];
      room = partBytes;
    }
    part.push(item);
    room -= size;
  }
  if (part.length > 0) yield part;
}

function sizeOfObject(object: StoreObject): number {
  const isFile = object.kind === "secret" || object.kind === "config";
  return objectBytes + (isFile ? object.spec.data.length : 0);
}
