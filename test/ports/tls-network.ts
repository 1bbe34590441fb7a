import type { SigningRoot } from "../../core/model/certificate.ts";
import type { NodeMessage } from "../../core/node/message.ts";
import type { Credentials } from "../../real/signer/identity-files.ts";
import { eventually, newCredentials, newRoot, TlsNode } from "../support/tls-nodes.ts";
import type { NetworkHarness, NetworkRig } from "./network-suite.ts";

const names = ["a", "b", "c"];
const quietMs = 300;

let root: SigningRoot;
let credentials: ReadonlyMap<string, Credentials>;

/** Streams over mutual TLS, between managers on loopback. */
export const tlsNetwork: NetworkHarness = {
  name: "the network of the daemon",
  async setUp() {
    root = await newRoot();
    const made = names.map(async (name) => [name, await newCredentials(root, name)] as const);
    credentials = new Map(await Promise.all(made));
  },
  async open() {
    const rig = new TlsRig();
    for (const name of names) await rig.start(name);
    await rig.startNew();
    return rig;
  },
  tearDown: async () => undefined,
};

class TlsRig implements NetworkRig {
  readonly #nodes = new Map<string, TlsNode>();

  send(from: string, to: string, message: NodeMessage): void {
    this.#nodes.get(from)?.network.send(to, message);
  }

  received(node: string): readonly { from: string; message: NodeMessage }[] {
    const heard = this.#nodes.get(node)?.heard ?? [];
    return heard.map(({ from, message }) => ({ from, message }));
  }

  unreachable(node: string): readonly string[] {
    return this.#nodes.get(node)?.unreachable ?? [];
  }

  until(isSo: () => boolean): Promise<void> {
    return eventually(isSo, "what was waited for");
  }

  quiet(): Promise<void> {
    return new Promise((resolve) => setTimeout(resolve, quietMs));
  }

  async stop(name: string): Promise<void> {
    await this.#nodes.get(name)?.stop();
    this.#nodes.delete(name);
  }

  /** Managers know where each other are. */
  async start(name: string): Promise<void> {
    const node = await TlsNode.start(name, credentials.get(name) ?? null, [root]);
    for (const other of this.#nodes.values()) {
      other.book.learn(name, node.address, true);
      node.book.learn(other.id, other.address, true);
    }
    this.#nodes.set(name, node);
  }

  /** It trusts the root that its token names, and is told where managers are. */
  async startNew(): Promise<void> {
    const node = await TlsNode.start("new", null, [], [root.digest]);
    for (const other of this.#nodes.values()) node.book.learn(other.id, other.address, true);
    this.#nodes.set(node.id, node);
  }

  async close(): Promise<void> {
    await Promise.all([...this.#nodes.values()].map((node) => node.stop()));
  }
}
