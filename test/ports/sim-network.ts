import type { NodeMessage } from "../../core/node/message.ts";
import { isBulk, isForGuests } from "../../core/node/traffic.ts";
import { Kernel } from "../../sim/kernel.ts";
import { type Packet, SimNetwork, type Streams } from "../../sim/ports/network.ts";
import { random } from "../support/store.ts";
import { runUntil, runUntilSo } from "../support/world.ts";
import type { NetworkHarness, NetworkRig } from "./network-suite.ts";

const nodes = ["a", "b", "c", "new"];

/** As `World` has them. */
const streams: Streams = {
  isBulk,
  carries: (to, message) => nodes[to] !== "new" || isForGuests(message),
};

/** The network of the simulator. */
export const simNetwork: NetworkHarness = {
  name: "the simulated network",
  setUp: async () => undefined,
  open: async () => new SimNetworkRig(),
  tearDown: async () => undefined,
};

class SimNetworkRig implements NetworkRig {
  readonly #kernel = new Kernel();
  readonly #inboxes = new Map<string, { from: string; message: NodeMessage }[]>();
  readonly #unreachable = new Map<string, string[]>();
  readonly #down = new Set<string>();
  readonly #network = new SimNetwork(
    this.#kernel,
    random(),
    nodes.length,
    (packet) => this.#deliver(packet),
    streams,
  );

  /** A node that is not there has no number: see `World`. */
  send(from: string, to: string, message: NodeMessage): void {
    const number = nodes.indexOf(to);
    if (number >= 0) this.#network.send(nodes.indexOf(from), number, message);
  }

  received(node: string): readonly { from: string; message: NodeMessage }[] {
    return this.#inboxes.get(node) ?? [];
  }

  unreachable(node: string): readonly string[] {
    return this.#unreachable.get(node) ?? [];
  }

  #deliver(packet: Packet): boolean {
    const [from, to] = [nodes[packet.from] as string, nodes[packet.to] as string];
    if (this.#down.has(to)) {
      this.#network.refuse(packet, () => this.#tellUnreachable(from, to));
      return false;
    }
    const letter = { from, message: packet.message };
    this.#inboxes.set(to, [...this.received(to), letter]);
    return true;
  }

  #tellUnreachable(at: string, silent: string): boolean {
    this.#unreachable.set(at, [...this.unreachable(at), silent]);
    return true;
  }

  async until(isSo: () => boolean): Promise<void> {
    runUntilSo(this.#kernel, isSo);
  }

  async quiet(): Promise<void> {
    runUntil({ kernel: this.#kernel }, this.#kernel.now / 1e6 + 1);
  }

  async stop(node: string): Promise<void> {
    this.#down.add(node);
  }

  async start(node: string): Promise<void> {
    this.#down.delete(node);
  }

  async close(): Promise<void> {
    return;
  }
}
