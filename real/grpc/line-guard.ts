import { unreachable } from "../../core/base/assert.ts";
import type { Peer, Welcome } from "../../core/ca/admission.ts";
import type { Line } from "./line.ts";

const microsPerMs = 1_000;
/** Whoever takes nothing for this long is gone, or up to no good. */
const fullPatienceMs = 5_000;

/**
 * Looks in a row at which nothing had come from a peer, who answers pings if nothing else: it is
 * gone. Counted in looks, as a node that was suspended finds that all others were silent.
 */
const silentLooksMost = 3;

/** What a look at a line has found. */
interface Look {
  readonly bytesRead: number;
  /** Looks in a row, up to this one, at which it was no more. */
  readonly silent: number;
}

/** Carries out what core says of the peers at the other ends of lines, for as long as they last. */
export class LineGuard {
  readonly #welcome: (peer: Peer) => Welcome;
  /** Until when those may stay that came as guests. */
  readonly #guests = new WeakMap<Line, number>();
  readonly #looks = new WeakMap<Line, Look>();

  constructor(welcome: (peer: Peer) => Welcome) {
    this.#welcome = welcome;
  }

  /** Why the peer is not let in, or null. */
  admit(line: Line, peer: Peer): string | null {
    const welcome = this.#welcome(peer);
    if (welcome.kind === "refused") return welcome.reason;
    if (welcome.kind === "guest") {
      this.#guests.set(line, performance.now() + welcome.patience / microsPerMs);
    }
    return null;
  }

  /**
   * Every two seconds: why the line is to be ended now, or null. Who came as a member does not stay
   * as a guest.
   */
  verdict(line: Line): string | null {
    if (line.peer === null) return null;
    if (line.fullForMs > fullPatienceMs) return `it has read nothing for ${fullPatienceMs} ms`;
    if (this.#isSilent(line)) return "nothing has been heard of it for a while";
    const welcome = this.#welcome(line.peer);
    switch (welcome.kind) {
      case "member":
        return null;
      case "guest":
        return performance.now() < (this.#guests.get(line) ?? 0) ? null : welcome.reason;
      case "refused":
        return welcome.reason;
      default:
        return unreachable(welcome);
    }
  }

  #isSilent(line: Line): boolean {
    const { bytesRead } = line;
    const last = this.#looks.get(line);
    const silent = last?.bytesRead === bytesRead ? last.silent + 1 : 0;
    this.#looks.set(line, { bytesRead, silent });
    return silent >= silentLooksMost;
  }
}
