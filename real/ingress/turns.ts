import type { Backend } from "../../core/model/ingress.ts";

/** Whose turn it is: the backends one after the other. */
export class Turns {
  #backends: readonly Backend[] = [];
  /** Nodes do not all begin with the same one. */
  #next = Math.floor(Math.random() * 1_000_000);

  set backends(backends: readonly Backend[]) {
    this.#backends = backends;
  }

  has({ task, address, port }: Backend): boolean {
    return this.#backends.some(
      (each) => each.task === task && each.address === address && each.port === port,
    );
  }

  /** Each backend once, to be tried in this order. */
  *take(): Generator<Backend> {
    const backends = this.#backends;
    const first = this.#next;
    this.#next = (first + 1) % Number.MAX_SAFE_INTEGER;
    for (let tried = 0; tried < backends.length; tried += 1) {
      yield backends[(first + tried) % backends.length] as Backend;
    }
  }
}
