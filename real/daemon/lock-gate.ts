import { askSecret } from "../command-line/ask-secret.ts";

type ProblemOf = (unlockKey: string) => string | null;

interface Waiting {
  readonly problemOf: ProblemOf;
  readonly opened: (unlockKey: string) => void;
}

/** What every request is answered with while the manager is locked. */
export const lockedReason =
  "this manager is locked: its data is encrypted. 'swarmctl cluster unlock' opens it with the " +
  "unlock key, which 'swarmctl cluster unlock-key' prints on another manager";

/** Where a manager that is locked waits for its key, whoever brings it. */
export class LockGate {
  #waiting: Waiting | null = null;

  get isLocked(): boolean {
    return this.#waiting !== null;
  }

  /** Null: the manager goes on; else why it does not. */
  unlock(unlockKey: string): string | null {
    const { problemOf, opened } = this.#waiting ?? {};
    if (problemOf === undefined || opened === undefined) return "this manager is not locked";
    const problem = problemOf(unlockKey);
    if (problem !== null) return problem;
    this.#waiting = null;
    opened(unlockKey);
    return null;
  }

  /** A key that fits. Asks for it on the terminal, too, where there is one. */
  async wait(problemOf: ProblemOf, stopping: AbortSignal): Promise<string> {
    stopping.throwIfAborted();
    const over = new AbortController();
    const signal = AbortSignal.any([stopping, over.signal]);
    const found = new Promise<string>((opened, reject) => {
      this.#waiting = { problemOf, opened };
      stopping.addEventListener("abort", () => reject(stopping.reason));
    });
    if (process.stdin.isTTY) this.#ask(signal).catch(() => undefined);
    return found.finally(() => {
      this.#waiting = null;
      over.abort();
    });
  }

  async #ask(signal: AbortSignal): Promise<void> {
    while (this.isLocked) {
      const key = await askSecret("This manager is locked. Its unlock key: ", signal);
      const problem = this.isLocked ? this.unlock(key) : null;
      if (problem !== null) process.stderr.write(`${problem}\n`);
    }
  }
}
