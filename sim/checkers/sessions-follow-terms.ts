import type { AgentMessage, DispatcherMessage } from "../../core/dispatch/message.ts";
import type { Host } from "../world/host.ts";
import { BrokenInvariant, type Checker } from "./checker.ts";

/** Whose word a session is, in the order of Raft. */
interface Reign {
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
  /** By node: of the newest leader whose session it has used. */
  readonly #newest = new Map<string, Reign>();

  dispatcherSent({ incarnation }: Host, _to: string, message: DispatcherMessage): void {
    if (message.kind !== "session") return;
    this.#reigns.set(message.session, { incarnation, term: message.term });
  }

  agentSent({ name }: Host, message: AgentMessage): void {
    if (message.kind === "register") return;
    const reign = this.#reigns.get(message.session);
    if (reign === undefined) return;
    this.checks += 1;
    const newest = this.#newest.get(name);
    if (newest === reign) return;
    if (newest !== undefined && isEarlier(reign, newest)) {
      const detail = `uses a session of term ${reign.term} after one of term ${newest.term}`;
      throw new BrokenInvariant(this.name, name, `${name} ${detail}`);
    }
    this.#newest.set(name, reign);
  }
}

function isEarlier(left: Reign, right: Reign): boolean {
  if (left.incarnation !== right.incarnation) return left.incarnation < right.incarnation;
  return left.term < right.term;
}
