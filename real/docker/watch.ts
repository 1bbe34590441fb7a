import { setTimeout as delay } from "node:timers/promises";
import type Docker from "dockerode";
import { Backoff } from "../backoff.ts";
import { linesOf } from "../lines.ts";
import { engineReason } from "./client.ts";
import { type ContainerOwner, ownLabelsOf, taskOf } from "./convert.ts";

/** Something happened to a container: what it is now must be looked up. */
export interface Happened {
  readonly task: string;
  /** The event's own word, such as `die`. */
  readonly action: string;
  /** Of a container that has ended. */
  readonly exitCode: number | null;
}

export interface WatchListener {
  happened(event: Happened): void;
  /** The engine answers, for the first time or again: what happened before is not told. */
  connected(): void;
  /** It answers no more. */
  lost(reason: string): void;
}

/**
 * Listens to the engine's events about the containers of `owner`, and begins anew, a little later
 * each time, whenever the engine is gone.
 */
export class Watch {
  readonly #docker: Docker;
  readonly #owner: ContainerOwner;
  readonly #listener: WatchListener;
  readonly #closing = new AbortController();
  #isConnected = false;

  constructor(docker: Docker, owner: ContainerOwner, listener: WatchListener) {
    this.#docker = docker;
    this.#owner = owner;
    this.#listener = listener;
  }

  /** Listens until `close`. Never rejects. */
  async run(): Promise<void> {
    const { signal } = this.#closing;
    const backoff = new Backoff();
    while (!signal.aborted) {
      const reason = await this.#listen(backoff).then(() => "its events have ended", engineReason);
      if (!signal.aborted && this.#isConnected) this.#listener.lost(reason);
      this.#isConnected = false;
      if (!signal.aborted) await delay(backoff.takeMs(), undefined, { signal }).catch(() => null);
    }
  }

  close(): void {
    this.#closing.abort();
  }

  async #listen(backoff: Backoff): Promise<void> {
    const stream = await this.#docker.getEvents({
      filters: {
        type: ["container"],
        event: ["create", "start", "die", "health_status", "destroy"],
        label: ownLabelsOf(this.#owner),
      },
      abortSignal: this.#closing.signal,
    });
    backoff.reset();
    this.#isConnected = true;
    this.#listener.connected();
    for await (const line of linesOf(stream)) this.#tell(line);
  }

  #tell(line: string): void {
    const { Action: action, Actor: actor } = JSON.parse(line) as EngineEvent;
    const task = taskOf(actor.Attributes);
    const { exitCode } = actor.Attributes;
    if (task === null) return;
    this.#listener.happened({ task, action, exitCode: exitCode ? Number(exitCode) : null });
  }
}

interface EngineEvent {
  readonly Action: string;
  readonly Actor: { readonly Attributes: Readonly<Record<string, string>> };
}
