import { setTimeout as pause } from "node:timers/promises";
import type { ClientReply, Query, ResultOf } from "../../core/control/command.ts";
import type { Rejection } from "../../core/model/rejection.ts";
import { notManager } from "../../core/node/replies.ts";

/** The cluster has refused a command: nothing has changed. */
export class RefusedError extends Error {
  readonly code: Rejection["code"];

  constructor({ code, message }: Rejection) {
    super(message);
    this.code = code;
  }
}

/** How often somebody else may have been faster. */
const changesMost = 5;

/** Changes something as it is read: again, a few times, when someone else was faster. */
export async function untilNewest<T>(change: () => Promise<T>): Promise<T> {
  for (let tries = 1; ; tries += 1) {
    try {
      return await change();
    } catch (error) {
      const { message } = error as Error;
      const isOutdated = error instanceof RefusedError && message === "update out of sequence";
      if (!isOutdated || tries >= changesMost) throw error;
    }
  }
}

/** No manager could be asked, or none has answered in time. */
export class UnavailableError extends Error {
  /** False: nobody is there, where a manager should be. */
  readonly isThere: boolean;

  constructor(message: string, isThere = true) {
    super(message);
    this.isThere = isThere;
  }
}

/** False where gRPC says of a call that failed that nobody was there to take it. */
export function wasTaken(reason: string): boolean {
  return !/^(No connection established|Name resolution failed)/.test(reason);
}

const pauseFirstMs = 50;
const pauseLongestMs = 200;

/** An answer, or why there is none so far. */
export type AskOutcome =
  | ClientReply
  | { readonly kind: "no-answer"; readonly reason: string; readonly isThere: boolean };

/** So says a worker, or a manager that has not heard yet of its promotion. */
const workerReason = notManager(null).reason;

/**
 * Asks until there is an answer or the patience is over: after `absenceMs` while no manager was
 * there at all. `send` is told how long it may take, in milliseconds. Rejects with an
 * `UnavailableError`.
 */
export async function askPatiently(
  patienceMs: number,
  send: (leftMs: number) => Promise<AskOutcome>,
  absenceMs = patienceMs,
): Promise<Exclude<ClientReply, { kind: "try-again" }>> {
  const begun = performance.now();
  const until = begun + patienceMs;
  let wasThere = false;
  for (let wait = pauseFirstMs; ; wait = Math.min(2 * wait, pauseLongestMs)) {
    const reply = await send(until - performance.now());
    if (reply.kind === "outcome" || reply.kind === "result") return reply;
    const isThere = reply.kind === "try-again" || reply.isThere;
    wasThere ||= isThere && reply.reason !== workerReason;
    const end = wasThere ? until : begun + Math.min(patienceMs, absenceMs);
    if (performance.now() + wait >= end) throw new UnavailableError(reply.reason, isThere);
    await pause(wait);
  }
}

/** What a query of this kind came to. */
export function objectsOf<Kind extends Query["kind"]>(reply: ClientReply): ResultOf<Kind> {
  if (reply.kind !== "result") throw new UnavailableError("the manager answered something else");
  return reply.objects as ResultOf<Kind>;
}

/** What a command came to: the id of its object. Throws a `RefusedError`. */
export function resultOf(reply: ClientReply): string {
  if (reply.kind !== "outcome") throw new UnavailableError("the manager answered something else");
  if (reply.outcome.kind === "refused") throw new RefusedError(reply.outcome.rejection);
  return reply.outcome.result;
}
