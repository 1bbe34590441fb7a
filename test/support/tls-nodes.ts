import type { ServerDuplexStream } from "@grpc/grpc-js";
import type { Timestamp } from "../../core/base/time.ts";
import type { Peer, Welcome } from "../../core/ca/admission.ts";
import type { Certificate, SigningRoot, VouchingRoot } from "../../core/model/certificate.ts";
import type { NodeRole } from "../../core/model/node.ts";
import type { NodeMessage } from "../../core/node/message.ts";
import { AddressBook } from "../../real/grpc/address-book.ts";
import { PeerNetwork } from "../../real/grpc/peer-network.ts";
import { PeerServer } from "../../real/grpc/server.ts";
import { readChain } from "../../real/signer/chain.ts";
import type { Credentials } from "../../real/signer/identity-files.ts";
import { crossSign, issue, makeRequest, makeRoot } from "../../real/signer/x509.ts";
import { patienceMs } from "./patience.ts";

/** Nodes that are nothing but their network: real certificates, real TLS, real sockets. */

const hour = 3_600_000_000;

/** `name`: such as `CN=outside`; else it has that of all cluster's roots. */
export function newRoot(name?: string): Promise<SigningRoot> {
  return makeRoot(new Date(), name);
}

export interface CertificateTraits {
  readonly role?: NodeRole;
  readonly serial?: number;
  /** Hours from now; below 0: it has expired. */
  readonly hours?: number;
  readonly organization?: string;
  /** Roots that vouch for the one that signs, the newest first. */
  readonly vouchers?: readonly VouchingRoot[];
}

export async function newCredentials(
  root: SigningRoot,
  nodeId: string,
  traits: CertificateTraits = {},
): Promise<Credentials> {
  const { key, request } = await makeRequest();
  const now = Date.now() * 1000;
  const { vouchers = [] } = traits;
  const claims = {
    serial: traits.serial ?? 1,
    nodeId,
    role: traits.role ?? "manager",
    organization: traits.organization ?? "cluster",
    issuer: root.digest,
    vouchers: vouchers.map(({ digest }) => digest),
    notBefore: (now - 2 * hour) as Timestamp,
    notAfter: (now + (traits.hours ?? 24) * hour) as Timestamp,
  };
  return {
    key,
    chain: await issue(
      request,
      claims,
      root,
      vouchers.map(({ crossSigned }) => crossSigned),
    ),
  };
}

/** The older root's word for the newer one. */
export async function vouching(by: SigningRoot, next: SigningRoot): Promise<VouchingRoot> {
  return { digest: by.digest, crossSigned: await crossSign(next, by) };
}

export function certificateOf({ chain }: Credentials): Certificate {
  const read = readChain(chain);
  if (read.kind === "invalid") throw new Error(read.reason);
  return read.certificate;
}

export interface Heard {
  readonly from: string;
  readonly certificate: Certificate | null;
  readonly message: NodeMessage;
}

/** One node's end of the network. */
export class TlsNode {
  readonly id: string;
  readonly heard: Heard[] = [];
  readonly notices: string[] = [];
  /** Of whose machines it was told that nobody listens there. */
  readonly unreachable: string[] = [];
  /** What core would say of peers. */
  welcome: (peer: Peer) => Welcome = () => ({ kind: "member" });
  /** Whether core would believe what they say of managers' addresses. */
  knowsManagers = (peer: Peer): boolean => peer.certificate?.role === "manager";
  /** Why it lets in none of what it hears; empty: it does. */
  denies = "";
  readonly network: PeerNetwork;
  readonly server: PeerServer | null;
  readonly book: AddressBook;

  private constructor(
    id: string,
    server: PeerServer | null,
    network: PeerNetwork,
    book: AddressBook,
  ) {
    this.id = id;
    this.server = server;
    this.network = network;
    this.book = book;
  }

  static async start(
    id: string,
    credentials: Credentials | null,
    roots: readonly SigningRoot[],
    pinned: readonly string[] = [],
  ): Promise<TlsNode> {
    const book = new AddressBook(null);
    const late: { network?: PeerNetwork; server?: PeerServer } = {};
    const accept = (call: ServerDuplexStream<Uint8Array, Uint8Array>) => {
      if (late.server !== undefined) late.network?.accept(call, late.server.connectionOf(call));
    };
    const none = { send: () => undefined, watch: () => undefined };
    const taskLogs = { read: () => undefined };
    const served = { peers: { connect: accept }, control: { ...none, logs: none.watch }, taskLogs };
    const listener = {
      isKnown: (shown: Buffer) => late.network?.isKnown(shown) ?? false,
      failed: () => undefined,
    };
    const server =
      credentials === null ? null : await PeerServer.listen("127.0.0.1:0", served, listener);
    if (server !== null) late.server = server;
    if (credentials !== null) server?.show(credentials);
    const told: { node?: TlsNode } = {};
    const network = new PeerNetwork(
      { id, address: server?.address ?? "", book, pinned },
      credentials,
      roots,
      {
        message: (from, certificate, message) => {
          told.node?.heard.push({ from, certificate, message });
          if (told.node?.denies) network.denied(told.node.denies);
        },
        unreachable: (id) => told.node?.unreachable.push(id),
        storedAddressOf: () => "",
        welcome: (peer) => told.node?.welcome(peer) ?? { kind: "member" },
        knowsManagers: (peer) => told.node?.knowsManagers(peer) ?? false,
        notice: (text, peer) => told.node?.notices.push(`${peer}: ${text}`),
      },
    );
    late.network = network;
    const node = new TlsNode(id, server, network, book);
    told.node = node;
    return node;
  }

  get address(): string {
    return this.server?.address ?? "";
  }

  /** From now on it shows this. */
  show(credentials: Credentials): void {
    this.server?.show(credentials);
    this.network.show(credentials);
  }

  /** What it has heard, as numbers. */
  get numbers(): number[] {
    return this.heard.map(({ message }) => message.incarnation);
  }

  async stop(): Promise<void> {
    this.network.stop();
    await this.server?.stop();
  }
}

/** A message that carries a number and nothing else. */
export function numbered(incarnation: number): NodeMessage {
  return { kind: "here-i-am", incarnation };
}

/** Waits until `condition` holds. */
export async function eventually(condition: () => boolean, what: string): Promise<void> {
  for (const until = Date.now() + patienceMs; !condition(); ) {
    if (Date.now() > until) throw new Error(`never came: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}
