import { isEqual } from "../../core/base/equal.ts";
import { found } from "../../core/base/gather.ts";
import { sortedById } from "../../core/base/order.ts";
import {
  type NodeOverlay,
  type OverlayPeer,
  type OverlayState,
  overlayPeer,
  overlayPlaces,
} from "../../core/model/overlay.ts";
import type { StoreView } from "../../core/store/view.ts";
import type { Host } from "../world/host.ts";

interface Wanted {
  readonly overlay: NodeOverlay;
  readonly peers: OverlayPeer[];
  /** Nodes with a task in it. */
  readonly nodes: Set<string>;
}

/** Why some machine's overlays are not what the store says; null: all of them are. */
export function wrongOverlays(core: readonly Host[], view: StoreView): string | null {
  const wanted = wantedOverlays(view);
  for (const { name, config, overlay } of core) {
    if (!view.nodes.has(name)) continue;
    const here = found(wanted, ([id, { overlay: stored, peers, nodes }]) => {
      if (!nodes.has(name)) return null;
      const state: OverlayState = { own: config.description.address, peers, ...stored };
      return [id, state] as const;
    });
    const expected = new Map(here);
    if (isEqual(overlay.overlays, expected)) continue;
    const ids = new Set([...expected.keys(), ...overlay.overlays.keys()]);
    const wrong = [...ids].find((id) => !isEqual(overlay.overlays.get(id), expected.get(id)));
    return `${name} does not know who is in overlay ${wrong}`;
  }
  return null;
}

/** By network, with its peers sorted by task. */
function wantedOverlays(view: StoreView): ReadonlyMap<string, Wanted> {
  const wanted = new Map<string, Wanted>();
  const inSome = [...view.tasks.values()].filter(({ networks }) => networks.length > 0);
  for (const task of sortedById(inSome)) {
    const node = view.nodes.get(task.nodeId ?? "");
    for (const place of overlayPlaces(task)) {
      const peer = overlayPeer(task, place, node);
      if (peer === null || task.nodeId === null) continue;
      const { overlay } = place;
      const known = wanted.get(overlay.id) ?? { overlay, peers: [], nodes: new Set<string>() };
      wanted.set(overlay.id, known);
      known.peers.push(peer);
      known.nodes.add(task.nodeId);
    }
  }
  return wanted;
}
