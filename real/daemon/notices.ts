/** What is said of one peer in this time is not said again, nor more than this much else. */
const windowMs = 5_000;
const textsMost = 8;
/** Peers that are remembered; whoever makes up names for itself is not worth more. */
const peersMost = 1_000;

interface Said {
  readonly since: number;
  readonly texts: Set<string>;
}

/** Keeps what strangers can bring about out of the log once it has been said. */
export class Notices {
  readonly #said = new Map<string, Said>();

  /** True when this is news of that peer. */
  isNews(peer: string, text: string): boolean {
    const { texts } = this.#of(peer);
    if (texts.has(text) || texts.size >= textsMost) return false;
    texts.add(text);
    return true;
  }

  #of(peer: string): Said {
    const now = performance.now();
    const said = this.#said.get(peer);
    if (said !== undefined && now - said.since < windowMs) return said;
    if (said === undefined && this.#said.size >= peersMost) this.#said.clear();
    const anew = { since: now, texts: new Set<string>() };
    this.#said.set(peer, anew);
    return anew;
  }
}
