import { type ServerWritableStream, status } from "@grpc/grpc-js";
import { controlService } from "../grpc/services.ts";
import type { Decoded } from "../wire/proto.ts";
import type { WatchEvent, WatchRequest } from "../wire/services.ts";

/** What one watcher may be behind before it is cut off. */
const eventsMost = 4096;
const bytesMost = 32 * 1024 * 1024;

export type WatchCall = ServerWritableStream<Decoded<WatchRequest>, WatchEvent>;

/** Why a call gets no answer, or no more of them. */
export interface Refused {
  readonly code: status;
  readonly details: string;
}

/**
 * What is on its way to one watcher. One that reads more slowly than things change is cut off, and
 * what waited for it is let go: the call itself never holds more than a few events.
 */
export class WatchStream {
  readonly #call: WatchCall;
  #waiting: { readonly event: WatchEvent; readonly bytes: number }[] = [];
  #bytes = 0;
  /** Whether the call asks for more. */
  #isFlowing = true;
  #isEnded = false;

  constructor(call: WatchCall) {
    this.#call = call;
    call.on("drain", () => this.#flow());
  }

  /** Nothing, once it has ended. */
  write(event: WatchEvent): void {
    if (this.#isEnded) return;
    if (this.#isFlowing) {
      this.#isFlowing = this.#call.write(event);
      return;
    }
    const bytes = controlService.watch.responseSerialize(event).length;
    this.#waiting.push({ event, bytes });
    this.#bytes += bytes;
    if (this.#waiting.length <= eventsMost && this.#bytes <= bytesMost) return;
    const behind = `${this.#waiting.length} events and ${this.#bytes} bytes behind`;
    const details = `you are ${behind}: list what there is and watch anew`;
    this.end({ code: status.RESOURCE_EXHAUSTED, details });
  }

  /** Whoever reads again later still hears why. */
  end(why: Refused): void {
    if (this.#isEnded) return;
    this.#isEnded = true;
    this.#waiting = [];
    this.#call.emit("error", why);
  }

  #flow(): void {
    this.#isFlowing = true;
    while (this.#isFlowing) {
      const next = this.#waiting.shift();
      if (next === undefined) return;
      this.#bytes -= next.bytes;
      this.#isFlowing = this.#call.write(next.event);
    }
  }
}
