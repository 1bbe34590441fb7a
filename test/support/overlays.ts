import type { Network } from "../../core/model/network.ts";
import type { Overlay } from "../../core/model/overlay.ts";
import type { Task } from "../../core/model/task.ts";
import { network } from "./model.ts";

/** An overlay whose id is its name: 10.0.1.0/24, unless it is to be another one. */
export function overlayNetwork(name: string, traits: Partial<Overlay> = {}): Network {
  const usual = { vni: 4097, subnet: "10.0.1.0/24", gateway: "10.0.1.1", port: 4789 };
  return { ...network(name), overlay: { ...usual, ...traits } };
}

/** The same task, which asks to be in these networks. */
export function attachedTo(task: Task, ...networks: readonly Network[]): Task {
  const attachments = networks.map(({ id: target }) => ({ target, aliases: [`${target}-alias`] }));
  return { ...task, spec: { ...task.spec, networks: attachments } };
}

/** The same task, with that address in the network. */
export function inOverlay(task: Task, { id, spec, overlay }: Network, address: string): Task {
  const asking = attachedTo(task, { ...overlayNetwork(id), spec });
  return { ...asking, networks: [{ id, spec, overlay, address }] };
}
