import type { StoreObject } from "../../../core/model/change.ts";
import type { ControlClient } from "../../api/control-client.ts";
import type { WatchEvent } from "../../wire/services.ts";

/** Who hears what one manager has stored. */
export interface Followed {
  /** All that there is, once, before any change. */
  readonly listed: (objects: readonly StoreObject[]) => void;
  readonly changed: (event: WatchEvent) => void;
}

/** A manager that is being followed. */
interface Following {
  /** Resolves when all has been listed; rejects where the manager can't be followed. */
  readonly listed: Promise<void>;
  /** Resolves with the reason when no more changes come. */
  readonly gone: Promise<string>;
  readonly stop: () => void;
}

const openPatienceMs = 3_000;

/** Lists what the manager has stored, and then every change: none is missed, none comes before. */
export function followManager(client: ControlClient, { listed, changed }: Followed): Following {
  const early: WatchEvent[] = [];
  const late: { heard: (event: WatchEvent) => void } = { heard: (event) => early.push(event) };
  const ends = deferred<string>();
  const opens = deferred<void>();
  const stop = client.watch(
    { tables: [] },
    (event) => late.heard(event),
    (error) => ends.resolve(error?.message || "it has ended the watch"),
    opens.resolve,
  );
  const timer = setTimeout(() => ends.resolve("it does not answer"), openPatienceMs);
  const list = async () => {
    const refused = ends.promise.then((reason) => {
      throw new Error(reason);
    });
    await Promise.race([opens.promise, refused]);
    clearTimeout(timer);
    listed(await Promise.race([objectsOf(client), refused]));
    for (const event of early.splice(0)) changed(event);
    late.heard = changed;
  };
  return { listed: list().finally(() => clearTimeout(timer)), gone: ends.promise, stop };
}

interface Deferred<T> {
  readonly promise: Promise<T>;
  readonly resolve: (value: T) => void;
}

function deferred<T>(): Deferred<T> {
  const found: { resolve: (value: T) => void } = { resolve: () => undefined };
  const promise = new Promise<T>((resolve) => {
    found.resolve = resolve;
  });
  return { promise, resolve: found.resolve };
}

async function objectsOf(client: ControlClient): Promise<StoreObject[]> {
  const queries = [
    { kind: "get-cluster" },
    { kind: "list-nodes" },
    { kind: "list-services" },
    { kind: "list-tasks", service: null },
  ] as const;
  const found = await Promise.all(queries.map((query) => client.query(query, "stale")));
  return found.flat();
}
