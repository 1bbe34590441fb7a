import type { Timestamp } from "../../core/base/time.ts";
import type { Table } from "../../core/model/change.ts";
import type { WatchEvent } from "../wire/services.ts";
import { type DockerEvent, dockerEvent } from "./event.ts";

/** Past events that are kept for those who ask for them with `since`; moby keeps 256. */
const keptMost = 1_024;

/** Those whose changes Docker tells of. */
export const eventTables: readonly Table[] = ["config", "network", "node", "secret", "service"];

type Listener = (event: DockerEvent) => void;

/** The swarm's events as this manager has seen them since it started. */
export class EventLog {
  #past: DockerEvent[] = [];
  readonly #listeners = new Set<Listener>();

  /** What the manager's store has taken. */
  readonly heard = (change: WatchEvent): void => {
    const event = dockerEvent(change, (Date.now() * 1_000) as Timestamp);
    if (event === null) return;
    this.#past.push(event);
    if (this.#past.length >= 2 * keptMost) this.#past = this.#past.slice(-keptMost);
    for (const listener of this.#listeners) listener(event);
  };

  /** Those from this moment on, in microseconds since 1970; the oldest first. */
  since(moment: number): readonly DockerEvent[] {
    return this.#past.filter(({ at }) => at >= moment);
  }

  /** Until the returned function is called. */
  listen(listener: Listener): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }
}
