import { isEqual } from "../../core/base/equal.ts";
import { found } from "../../core/base/gather.ts";
import { sortedById } from "../../core/base/order.ts";
import type { AttachedNetwork } from "../../core/model/network.ts";
import type { Node } from "../../core/model/node.ts";
import type { NodeOverlay, OverlayPeer, OverlayState } from "../../core/model/overlay.ts";
import { serviceNameOf, type Task } from "../../core/model/task.ts";
import { TaskState } from "../../core/model/task-state.ts";
import type { StoreView } from "../../core/store/view.ts";
import { overlaysOf, servesPeers } from "../checkers/serving.ts";
import type { Host } from "../world/host.ts";

/** What the store says of an overlay. */
export interface WantedOverlay {
  readonly overlay: NodeOverlay;
  readonly peers: OverlayPeer[];
  /** Nodes with a task in it. */
  readonly nodes: Set<string>;
}

/** Why some machine's overlays are not what is `wanted`; null: all of them are. */
export function wrongOverlays(
  core: readonly Host[],
  view: StoreView,
  wanted: ReadonlyMap<string, WantedOverlay>,
): string | null {
  for (const { name, config, overlay } of core) {
    if (wanted.size === 0 && overlay.overlays.size === 0) continue;
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
export function wantedOverlays(view: StoreView): ReadonlyMap<string, WantedOverlay> {
  const wanted = new Map<string, WantedOverlay>();
  const inSome = found(view.tasks.values(), (task) =>
    task.networks.length > 0 && isThere(task) ? task : null,
  );
  for (const task of sortedById(inSome)) {
    const { nodeId } = task;
    const node = view.nodes.get(nodeId ?? "");
    for (const network of overlaysOf(task)) {
      const { id, overlay, spec } = network;
      if (overlay === null || nodeId === null) continue;
      const own = { ...overlay, id, name: spec.name };
      const known = wanted.get(id) ?? { overlay: own, peers: [], nodes: new Set<string>() };
      wanted.set(id, known);
      known.peers.push(peerOf(task, network, node));
      known.nodes.add(nodeId);
    }
  }
  return wanted;
}

/** From when it has a node until it has ended for good. */
function isThere({ status }: Task): boolean {
  return status.state >= TaskState.ASSIGNED && status.state <= TaskState.RUNNING;
}

function peerOf(task: Task, { id, address }: AttachedNetwork, node: Node | undefined): OverlayPeer {
  const aliases = task.spec.networks.flatMap((each) => (each.target === id ? each.aliases : []));
  return {
    task: task.id,
    name: task.name,
    address,
    node: node?.description.address ?? "",
    names: [...new Set([serviceNameOf(task), ...aliases])],
    serves: servesPeers(task, node),
  };
}
