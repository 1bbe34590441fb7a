/** Thirty pictures a second are smooth. */
const shortestMs = 1000 / 30;
/** Fewer than ten would look broken. */
const longestMs = 100;
/** Drawing takes no more than this share of a core. */
const share = 0.25;

interface Clocks {
  /** Milliseconds that never go back. */
  readonly now: () => number;
  /** Milliseconds of processor time that this process has used. */
  readonly used: () => number;
}

/** How soon the next picture may be drawn: thirty a second, fewer where each takes long. */
export class Pace {
  readonly #clocks: Clocks;
  #begunAt = Number.NEGATIVE_INFINITY;
  /** What had been used when the picture was begun; null: it is drawn. */
  #usedBefore: number | null = null;
  #took = 0;

  constructor(clocks: Clocks) {
    this.#clocks = clocks;
  }

  begin(): void {
    this.#begunAt = this.#clocks.now();
    this.#usedBefore = this.#clocks.used();
  }

  /** To be called after every picture, those that a key has brought too. */
  end(): void {
    if (this.#usedBefore === null) return;
    this.#took = this.#clocks.used() - this.#usedBefore;
    this.#usedBefore = null;
  }

  /** How long until the next may begin, in milliseconds. */
  wait(): number {
    const between = Math.min(longestMs, Math.max(shortestMs, this.#took / share));
    return Math.max(0, this.#begunAt + between - this.#clocks.now());
  }
}

/** By the clocks of this process. */
export function processPace(): Pace {
  const used = () => {
    const { user, system } = process.cpuUsage();
    return (user + system) / 1000;
  };
  return new Pace({ now: () => performance.now(), used });
}
