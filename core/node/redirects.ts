import type { AgentMessage } from "../dispatch/message.ts";
import type { StoreView } from "../store/view.ts";
import type { Outbox } from "./outbox.ts";

/** What an agent was told last. */
interface Told {
  /** Of its registration; null: it had a session with this node. */
  readonly attempt: number | null;
  readonly leader: string | null;
}

/**
 * The agents that have asked this manager for the leader, and those whose sessions have ended with
 * its own leadership. Each is told of the next leader as soon as this manager knows who it is: an
 * agent that had to ask again and again would be late, or its manager flooded. (In SwarmKit the
 * streams of a leader that steps down break.) One that is not in this manager's store, as it was
 * removed, or has just joined, is told once.
 */
export class Redirects {
  readonly #told = new Map<string, Told>();
  readonly #outbox: Outbox;
  readonly #store: Pick<StoreView, "nodes">;
  /** The leader that they were all told of. */
  #leader: string | null = null;

  constructor(outbox: Outbox, store: Pick<StoreView, "nodes">) {
    this.#outbox = outbox;
    this.#store = store;
  }

  /** This node does not lead: `leader` does, or it knows none. */
  answer(from: string, message: AgentMessage, leader: string | null): void {
    this.#tell(from, message.kind === "register" ? message.attempt : null, leader);
  }

  /** This node leads no more; these had sessions with it. */
  deposed(agents: Iterable<string>): void {
    for (const agent of agents) this.#told.set(agent, { attempt: null, leader: null });
    this.#leader = null;
  }

  /** Who leads at the moment, as far as this node knows. */
  follow(leader: string | null): void {
    if (leader === this.#leader) return;
    this.#leader = leader;
    if (leader === null) return;
    for (const [agent, told] of [...this.#told]) {
      if (told.leader !== leader) this.#tell(agent, told.attempt, leader);
      if (!this.#store.nodes.has(agent)) this.#told.delete(agent);
    }
  }

  #tell(to: string, attempt: number | null, leader: string | null): void {
    this.#told.set(to, { attempt, leader });
    this.#outbox.send(to, { kind: "dispatcher", message: { kind: "not-leader", attempt, leader } });
  }
}
