import { limits } from "../base/limits.ts";
import type { Outcome, RequestId } from "../model/change.ts";

/** The last command of one client and what it was answered. */
export interface ClientSession {
  readonly client: string;
  readonly sequence: number;
  readonly outcome: Outcome;
}

/**
 * Makes a retried command take effect once (Raft thesis 6.3). A client sends one command at a
 * time, so its last one is all that must be remembered. Sessions are part of the replicated state.
 *
 * Refusals are remembered as well. Else a copy that was held up on its way could take effect after
 * all: a service exists, so `create` is refused; someone removes it; the copy arrives.
 */
export class ClientSessions {
  /** Oldest first: a Map keeps the order in which keys were set. */
  readonly #sessions = new Map<string, ClientSession>();

  answered(request: RequestId): Outcome | undefined {
    const session = this.#sessions.get(request.client);
    return session !== undefined && session.sequence >= request.sequence
      ? session.outcome
      : undefined;
  }

  record(request: RequestId, outcome: Outcome): void {
    const { client, sequence } = request;
    this.#sessions.delete(client);
    this.#sessions.set(client, { client, sequence, outcome });
    if (this.#sessions.size <= limits.clientSessions) return;
    for (const oldest of this.#sessions.keys()) {
      this.#sessions.delete(oldest);
      break;
    }
  }

  /** Oldest first: restoring the list forgets the same one next. */
  list(): readonly ClientSession[] {
    return [...this.#sessions.values()];
  }

  restore(sessions: readonly ClientSession[]): void {
    this.#sessions.clear();
    for (const session of sessions) this.#sessions.set(session.client, session);
  }
}
