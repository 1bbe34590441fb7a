import type { NodeMessage } from "../core/node/message.ts";
import type { Packet } from "./network.ts";
import { upTo } from "./versions.ts";

/** A message that set out. It may be lost at its end: to a machine that is off, or a cut link. */
export interface Launched {
  readonly packet: Packet;
  readonly sentAt: number;
  readonly arrivesAt: number;
}

/** Every message that was sent in a run, to tell which were on their way at a moment. */
export class Messages {
  readonly #sentAt: number[] = [];
  readonly #launched: Launched[] = [];
  /** No message took longer. */
  #longest = 0;

  /** They come in the order in which they set out. */
  add(launched: Launched): void {
    const { sentAt, arrivesAt } = launched;
    this.#sentAt.push(sentAt);
    this.#launched.push(launched);
    this.#longest = Math.max(this.#longest, arrivesAt - sentAt);
  }

  /** Those on their way at this moment, oldest first. */
  at(time: number): Launched[] {
    const first = upTo(this.#sentAt, time - this.#longest - 1);
    const possible = this.#launched.slice(first, upTo(this.#sentAt, time));
    return possible.filter(({ arrivesAt }) => arrivesAt > time);
  }
}

/** What a message is called: `append`, `session`, `forward`. */
export function messageKind(message: NodeMessage): string {
  return "message" in message ? message.message.kind : message.kind;
}
