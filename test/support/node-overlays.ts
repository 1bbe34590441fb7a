import { pino } from "pino";
import type { OverlayPeer, OverlayState } from "../../core/model/overlay.ts";
import { Overlays } from "../../real/overlay/overlays.ts";

/** Of a node that is told of none by anybody but the test. */
export function newOverlays(): Overlays {
  return new Overlays(pino({ level: "silent" }));
}

/** An overlay as the node at 10.9.0.1 is told of it. */
export function overlayState(
  id: string,
  peers: readonly OverlayPeer[] | null,
  traits: Partial<OverlayState> = {},
): OverlayState {
  const addresses = { subnet: "10.0.1.0/24", gateway: "10.0.1.1" };
  return { id, name: id, vni: 4097, port: 4789, ...addresses, own: "10.9.0.1", ...traits, peers };
}

/** A task `web1` of the service `web` serves as that. */
export function peer(
  task: string,
  address: string,
  traits: Partial<OverlayPeer> = {},
): OverlayPeer {
  const service = task.replace(/\d+$/, "");
  const name = `${service}.${task.slice(service.length)}`;
  return { task, name, address, node: "10.9.0.1", names: [service], serves: true, ...traits };
}
