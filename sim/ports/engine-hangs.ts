import type { ExecutorEvent, TaskRequest } from "../../core/agent/executor-request.ts";
import { EventKind, type Kernel } from "../kernel.ts";

/** How long the engine may take to answer, in microseconds, before it counts as hanging. */
const answerWithin = 30_000_000;

/** What was asked and what is to be answered while an engine hangs. */
interface Held {
  readonly requests: TaskRequest[];
  readonly answers: ExecutorEvent[];
}

/** When one machine's engine hangs, and what waits meanwhile. */
export class EngineHangs {
  readonly #kernel: Kernel;
  readonly #host: number;
  #held: Held | null = null;
  #last: { readonly from: number; readonly to: number } | null = null;
  /** Somebody has asked whether it answers since it hung last, and it has. */
  #hasAnswered = false;

  constructor(kernel: Kernel, host: number) {
    this.#kernel = kernel;
    this.#host = host;
  }

  /** Null: it does not hang. */
  get held(): Held | null {
    return this.#held;
  }

  /**
   * When it hung last, in the world's time: `to` is infinite while it does. Null: it never did. A
   * pause in which nobody had an answer from it is part of it.
   */
  get last(): { readonly from: number; readonly to: number } | null {
    return this.#last;
  }

  begin(): void {
    if (this.#held !== null) return;
    this.#held = { requests: [], answers: [] };
    const { now } = this.#kernel;
    this.#last = { from: this.#hasAnswered ? now : (this.#last?.from ?? now), to: Infinity };
    this.#hasAnswered = false;
  }

  /** What has waited. */
  end(): Held {
    const held = this.#held ?? { requests: [], answers: [] };
    this.#held = null;
    if (this.#last?.to === Infinity) this.#last = { from: this.#last.from, to: this.#kernel.now };
    return held;
  }

  /** Nobody waits for what was asked so far. */
  forget(): void {
    if (this.#held !== null) this.#held = { requests: [], answers: [] };
  }

  /** Somebody has asked whether it answers: it does, unless it hangs. */
  answered(): void {
    this.#hasAnswered ||= this.#held === null;
  }

  /** An engine that hangs for too long has failed for a time: the agent is to ask again. */
  hold(request: TaskRequest, tell: (event: ExecutorEvent) => void): void {
    this.#held?.requests.push(request);
    const { kind: step, task } = request;
    if (step === "remove") return;
    this.#kernel.schedule(answerWithin, EventKind.EXECUTOR, this.#host, task, () => {
      const at = this.#held?.requests.indexOf(request) ?? -1;
      if (at < 0) return false;
      this.#held?.requests.splice(at, 1);
      const error = "the engine does not answer";
      tell({ kind: "failed", task, step, error, temporary: true });
      return true;
    });
  }
}
