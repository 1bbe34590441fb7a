import type { Member } from "../../core/node/member.ts";
import type { Host } from "../world/host.ts";
import { SteadyLeader } from "./steady-leader.ts";

/**
 * What whoever leads should have done by now: it has `patience` for each of them, in which it leads
 * without a break, to decide it and to commit it.
 */
export class Overdue {
  readonly #leader = new SteadyLeader();
  readonly #patience: number;
  /** Since when each is overdue. */
  readonly #since = new Map<string, number>();

  /** In microseconds of the world's time. */
  constructor(patience: number) {
    this.#patience = patience;
  }

  /** Overdue from now on, if it was not before. */
  add(what: string, now: number): void {
    if (!this.#since.has(what)) this.#since.set(what, now);
  }

  delete(what: string): void {
    this.#since.delete(what);
  }

  /** Else there is nothing to look at. */
  get isAny(): boolean {
    return this.#since.size > 0;
  }

  /** What the leader that has just stepped has left undone for too long, the first of it. */
  leftBy(host: Host, member: Member, now: number): string | null {
    if (!this.isAny) return null;
    const leads = this.#leader.sinceStep(host, member.raft, now);
    for (const [what, since] of this.#since) {
      if (now - Math.max(since, leads) > this.#patience) return what;
    }
    return null;
  }
}
