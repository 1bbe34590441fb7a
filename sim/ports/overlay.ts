import type { OverlayState } from "../../core/model/overlay.ts";
import type { OverlayPort } from "../../core/ports/overlay.ts";

/** One machine's overlays: no packet goes over them, but everybody can look. */
export class SimOverlay implements OverlayPort {
  /** By id of the network. */
  readonly #overlays = new Map<string, OverlayState>();

  carry(overlay: OverlayState): void {
    if (overlay.peers === null) this.#overlays.delete(overlay.id);
    else this.#overlays.set(overlay.id, overlay);
  }

  get overlays(): ReadonlyMap<string, OverlayState> {
    return this.#overlays;
  }

  /** Whether some name leads to the task. */
  leadsTo(task: string): boolean {
    return [...this.#overlays.values()].some(({ peers }) =>
      peers?.some((peer) => peer.task === task && peer.serves),
    );
  }

  /** The machine has lost power. */
  end(): void {
    this.#overlays.clear();
  }
}
