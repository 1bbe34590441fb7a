import type { AgentMessage } from "./message.ts";

export type Registration = AgentMessage & { readonly kind: "register" };

/**
 * Nodes that wait for a session until a quorum of managers has answered: a leader that was stopped,
 * or is cut off from the others, may have been deposed, and a node that has just started knows of
 * no later term.
 */
export class Applicants {
  /** By node: those for whom the quorum was asked, and those that have come since. */
  #asked = new Map<string, Registration>();
  #waiting = new Map<string, Registration>();

  /** Takes the place of what the node asked before. */
  add(node: string, registration: Registration): void {
    this.#asked.delete(node);
    this.#waiting.set(node, registration);
  }

  delete(node: string): void {
    this.#asked.delete(node);
    this.#waiting.delete(node);
  }

  /** True when the quorum is to be asked now. Who comes later waits for the next time. */
  ask(): boolean {
    if (this.#asked.size === 0) [this.#asked, this.#waiting] = [this.#waiting, this.#asked];
    return this.#asked.size > 0;
  }

  /** The quorum has answered. */
  take(): ReadonlyMap<string, Registration> {
    const taken = this.#asked;
    if (taken.size > 0) this.#asked = new Map();
    return taken;
  }
}
