import type { Traffic } from "./traffic.ts";

/** A number of connections there may be at a time, which several share. */
export class Budget {
  readonly #most: number;
  readonly #traffic: Traffic;

  constructor(most: number, traffic: Traffic) {
    this.#most = most;
    this.#traffic = traffic;
  }

  get taken(): number {
    return this.#traffic.count("open");
  }

  /** False: there are as many as there may be. */
  take(): boolean {
    if (this.taken >= this.#most) {
      this.#traffic.add("turnedAway");
      return false;
    }
    this.#traffic.add("open");
    return true;
  }

  give(): void {
    this.#traffic.add("open", -1);
  }
}
