import type { NodeMessage } from "../../core/node/message.ts";
import type { MessageFrame } from "../../core/observe/frame.ts";
import type { Moments } from "./moments.ts";
import { upTo } from "./versions.ts";

/** Every message that was sent in a run, to tell which were on their way at a moment. */
export class Messages {
  readonly #sentAt: number[] = [];
  /** The events in which they were sent: of several at one time each may have sent some. */
  readonly #sentIn: number[] = [];
  readonly #launched: MessageFrame[] = [];
  /** No message took longer. */
  #longest = 0;

  /** They come in the order in which they set out. One may be lost at its end. */
  add(launched: MessageFrame, sentIn: number): void {
    const { sentAt, arrivesAt } = launched;
    this.#sentAt.push(sentAt);
    this.#sentIn.push(sentIn);
    this.#launched.push(launched);
    this.#longest = Math.max(this.#longest, arrivesAt - sentAt);
  }

  /** Those on their way after this event, at a time no earlier than that, oldest first. */
  at(event: number, time: number): MessageFrame[] {
    const first = upTo(this.#sentAt, time - this.#longest - 1);
    const possible = this.#launched.slice(first, upTo(this.#sentIn, event));
    return possible.filter(({ arrivesAt }) => arrivesAt > time);
  }

  /** Forgets what arrived by `time` and was on its way at none of these. How many are left. */
  thin(moments: Moments, time: number): number {
    let left = 0;
    let older = 0;
    for (const [at, launched] of this.#launched.entries()) {
      const { sentAt, arrivesAt } = launched;
      if (arrivesAt <= time && !moments.isAnyIn(sentAt, arrivesAt)) continue;
      this.#sentAt[left] = sentAt;
      this.#sentIn[left] = this.#sentIn[at] as number;
      this.#launched[left] = launched;
      left += 1;
      if (sentAt < time) older += 1;
    }
    this.#sentAt.length = left;
    this.#sentIn.length = left;
    this.#launched.length = left;
    return older;
  }
}

/** What a message is called: `append`, `session`, `forward`. */
export function messageKind(message: NodeMessage): string {
  return "message" in message ? message.message.kind : message.kind;
}
