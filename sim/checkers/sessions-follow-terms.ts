import type { AgentMessage, DispatcherMessage } from "../../core/dispatch/message.ts";
import type { Host } from "../world/host.ts";
import { BrokenInvariant, type Checker } from "./checker.ts";

/** Whose word a session is, in the order of Raft. */
interface Reign {
  readonly session: string;
  readonly incarnation: number;
  readonly term: number;
}

/**
 * A node that has had a session with one leader never uses one of an earlier term: that leader was
 * deposed, and knows nothing of what the node was told since. Nor does one that was started anew
 * meanwhile, and has forgotten the term.
 */
export class SessionsFollowTerms implements Checker {
  readonly name = "sessions-follow-terms";
  readonly source = "Raft thesis 6.4: who serves makes sure first that it was not deposed";
  checks = 0;
  readonly #reigns = new Map<string, Reign>();
  /** By number of the node: of the newest leader whose session it has used. */
  readonly #newest: Reign[] = [];

  dispatcherSent({ incarnation }: Host, _to: string, message: DispatcherMessage): void {
    if (message.kind !== "session") return;
    const { session, term } = message;
    this.#reigns.set(session, { session, incarnation, term });
  }

  agentSent({ name, number }: Host, message: AgentMessage): void {
    if (message.kind === "register") return;
    const newest = this.#newest[number];
    const isSame = newest?.session === message.session;
    const reign = isSame ? newest : this.#reigns.get(message.session);
    if (reign === undefined) return;
    this.checks += 1;
    if (newest === reign) return;
    if (newest !== undefined && isEarlier(reign, newest)) {
      const detail = `uses a session of term ${reign.term} after one of term ${newest.term}`;
      throw new BrokenInvariant(this.name, name, `${name} ${detail}`);
    }
    this.#newest[number] = reign;
  }
}

function isEarlier(left: Reign, right: Reign): boolean {
  if (left.incarnation !== right.incarnation) return left.incarnation < right.incarnation;
  return left.term < right.term;
}
