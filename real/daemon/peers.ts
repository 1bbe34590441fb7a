import type { ServerDuplexStream } from "@grpc/grpc-js";
import type { Logger } from "pino";
import { knowsManagers, starting } from "../../core/ca/admission.ts";
import type { Certificate, Root } from "../../core/model/certificate.ts";
import { parseToken } from "../../core/model/join-token.ts";
import { remoteApiOf } from "../../core/model/node.ts";
import type { Shell } from "../../core/node/shell.ts";
import type { ControlServer } from "../api/control-server.ts";
import { askPatiently, objectsOf } from "../api/patience.ts";
import type { Engine } from "../engine.ts";
import type { AddressBook } from "../grpc/address-book.ts";
import { PeerNetwork, type PeerNetworkListener } from "../grpc/peer-network.ts";
import { PeerServer } from "../grpc/server.ts";
import { LogBroker } from "../logs/log-broker.ts";
import { NodeLogs } from "../logs/node-logs.ts";
import { readLeaf } from "../signer/chain.ts";
import type { Credentials, FoundIdentity } from "../signer/identity-files.ts";
import type { IdentityListener } from "../signer/signer.ts";
import { Notices } from "./notices.ts";

/** What a node's connections to others are made of. */
export interface PeersConfig {
  readonly id: string;
  readonly listen: string;
  /** Empty: as it listens. */
  readonly advertise: string;
  readonly book: AddressBook;
  readonly found: FoundIdentity;
  readonly control: ControlServer;
  readonly engine: Engine;
  readonly log: Logger;
  /** Null until the node has booted. */
  readonly shell: () => Shell | null;
}

/** A node's connections to others: the datagrams and the server that takes them. */
export interface Peers {
  readonly network: PeerNetwork;
  /** Host and port where others reach it. */
  readonly address: string;
  /** For the signer, who says what is shown and trusted. */
  readonly identity: IdentityListener;
  /** What tasks have written, wherever they run; for managers. */
  readonly logs: LogBroker;
  stop(): Promise<void>;
}

type Notice = PeerNetworkListener["notice"];

/** How long a leader may be missing when logs are asked for. */
const logPatienceMs = 10_000;

export async function openPeers(config: PeersConfig): Promise<Peers> {
  const { id, listen, advertise, book, found, control, engine, shell } = config;
  const late: { network?: PeerNetwork; server?: PeerServer } = {};
  const accept = (call: ServerDuplexStream<Uint8Array, Uint8Array>) => {
    if (late.server !== undefined) late.network?.accept(call, late.server.connectionOf(call));
  };
  const trusted = { roots: found.held.roots };
  const authorize = (call: { getPeer(): string }) => {
    return refusalOf(shell(), late.server?.connectionOf(call).shown, trusted.roots);
  };
  const taskLogs = new NodeLogs({
    nodeId: id,
    engine,
    channelTo: (peer) => late.network?.channelTo(peer) ?? null,
    leader: () => shell()?.node?.member?.raft.leader ?? null,
  });
  const logs = brokerOf(control, taskLogs);
  const served = {
    peers: { connect: accept },
    control: { ...control.handlers(authorize), ...logs.handlers(authorize) },
    taskLogs: taskLogs.handlers(authorize),
  };
  const notice = noticesIn(config.log);
  const server = await PeerServer.listen(listen, served, {
    isKnown: (shown) => late.network?.isKnown(shown) ?? false,
    failed: (remote, reason) => notice(`no TLS connection: ${reason}`, remote),
  });
  late.server = server;
  const address = advertise === "" ? server.address : advertise;
  const token = found.held.token === null ? null : parseToken(found.held.token);
  const pinned = token === null ? [] : [token.digest];
  const { credentials, held } = found;
  const listener = listenerOf(notice, shell);
  const network = new PeerNetwork({ id, address, book, pinned }, credentials, held.roots, listener);
  late.network = network;
  if (credentials !== null) server.show(credentials);
  const identity: IdentityListener = {
    show(own: Credentials) {
      server.show(own);
      network.show(own);
    },
    trust(roots) {
      trusted.roots = roots;
      network.trust(roots);
    },
  };
  const stop = async () => {
    network.stop();
    await server.stop();
  };
  return { network, address, identity, logs, stop };
}

function brokerOf(control: ControlServer, taskLogs: NodeLogs): LogBroker {
  const tasks = async () => {
    const query = { kind: "list-tasks", service: null } as const;
    const asked = { kind: "query", query, consistency: "linearizable" } as const;
    return objectsOf<"list-tasks">(await askPatiently(logPatienceMs, () => control.ask(asked)));
  };
  return new LogBroker({
    tasks,
    watch: (tables, heard, ended) => control.watch(tables, heard, ended),
    read: (request, signal) => taskLogs.read(request, signal),
  });
}

function listenerOf(notice: Notice, shell: () => Shell | null): PeerNetworkListener {
  return {
    message(from: string, certificate: Certificate | null, message) {
      shell()?.receive({ kind: "message", from, certificate, message });
    },
    unreachable: (node) => shell()?.receive({ kind: "unreachable", node }),
    storedAddressOf(id) {
      const node = shell()?.node?.member?.store.nodes.get(id);
      return node?.description.remoteApiPort === undefined ? "" : remoteApiOf(node.description);
    },
    welcome: (peer) => shell()?.welcome(peer) ?? starting,
    knowsManagers: (peer) => shell()?.knowsManagers(peer) ?? knowsManagers(peer, null),
    notice,
  };
}

/** Into the log, though not again and again. */
function noticesIn(log: Logger): Notice {
  const notices = new Notices();
  return (text, peer) => {
    if (notices.isNews(peer, text)) log.warn({ peer }, text);
  };
}

/** Why this caller may not use the control API over TLS, or null; core says who may. */
function refusalOf(
  shell: Shell | null,
  shown: Buffer | undefined,
  roots: readonly Root[],
): string | null {
  if (shell === null) return starting.reason;
  const read = shown === undefined ? null : readLeaf(shown, roots);
  if (read?.kind === "invalid") return `Permission denied: ${read.reason}`;
  const certificate = read?.certificate ?? null;
  return shell.refusalOf({ id: certificate?.nodeId ?? "the caller", certificate });
}
