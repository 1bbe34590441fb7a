import type { Logger } from "pino";
import type { OverlayState } from "../../core/model/overlay.ts";
import { RestartedThread } from "../restarted-thread.ts";
import type { NamesNotice, NamesOrder } from "./name-servers.ts";

/** Nobody waits longer to hear whether names are answered. */
const patienceMs = 5_000;

/** The servers of names in a thread of their own, from the first overlay on. */
export class NamesThread {
  readonly #thread: RestartedThread<NamesOrder, NamesNotice>;
  readonly #overlays = new Map<string, OverlayState>();
  readonly #open = new Set<string>();
  /** By network, from the first word of the thread on. */
  readonly #problems = new Map<string, string | null>();
  readonly #waiting = new Map<string, ((problem: string | null) => void)[]>();
  readonly #log: Logger;

  constructor(log: Logger) {
    this.#log = log;
    this.#thread = new RestartedThread<NamesOrder, NamesNotice>({
      script: new URL("./names-worker.js", import.meta.url),
      workerData: null,
      orders: () => [
        ...[...this.#overlays.values()].map((overlay) => ({ kind: "carry" as const, overlay })),
        ...[...this.#open].map((network) => ({ kind: "open" as const, network })),
      ],
      heard: (notice) => this.#heard(notice),
      died: ({ message: reason }) =>
        log.error({ reason }, "the thread that answers names has died"),
    });
  }

  carry(overlay: OverlayState): void {
    const { id, peers } = overlay;
    if (peers !== null) this.#overlays.set(id, overlay);
    else if (!this.#overlays.delete(id)) return;
    else {
      this.#open.delete(id);
      this.#problems.delete(id);
    }
    this.#thread.tell({ kind: "carry", overlay });
  }

  /** The gateway is there from now on. What keeps its names from being answered; null: nothing. */
  open(network: string): Promise<string | null> {
    const known = this.#problems.get(network);
    if (known !== undefined) return Promise.resolve(known);
    if (!this.#open.has(network)) {
      this.#open.add(network);
      this.#thread.tell({ kind: "open", network });
    }
    return new Promise((resolve) => {
      this.#waiting.set(network, [...(this.#waiting.get(network) ?? []), resolve]);
      setTimeout(resolve, patienceMs, "the thread that answers names does not answer").unref();
    });
  }

  close(): Promise<void> {
    return this.#thread.close();
  }

  #heard({ network, problem }: NamesNotice): void {
    const name = this.#overlays.get(network)?.name;
    if (name === undefined) return;
    if (problem !== null) {
      const text = "names in the overlay lead only to tasks on this node's engine";
      this.#log.warn({ network: name, reason: problem }, text);
    } else if (this.#problems.get(network) !== undefined) {
      this.#log.info({ network: name }, "names in the overlay are answered again");
    }
    this.#problems.set(network, problem);
    for (const resolve of this.#waiting.get(network) ?? []) resolve(problem);
    this.#waiting.delete(network);
  }
}
