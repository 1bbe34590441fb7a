import { type Client, type ServerDuplexStream, status } from "@grpc/grpc-js";
import { isTwin, type Peer, twinProblem, type Welcome } from "../../core/ca/admission.ts";
import type { Certificate, Root } from "../../core/model/certificate.ts";
import type { NodeMessage } from "../../core/node/message.ts";
import { isBulk, isForGuests } from "../../core/node/traffic.ts";
import type { Network } from "../../core/ports/network.ts";
import { isHostPort } from "../host-port.ts";
import type { Credentials } from "../signer/identity-files.ts";
import type { PeerFrame } from "../wire/services.ts";
import type { AddressBook } from "./address-book.ts";
import { AddressExchange } from "./address-exchange.ts";
import { Dialer } from "./dialer.ts";
import { Line, type LineEnd, type LineListener, type LinePeer } from "./line.ts";
import { LineGuard } from "./line-guard.ts";
import { Link, patienceLongestMs } from "./link.ts";
import type { IncomingConnection } from "./server.ts";
import { encodeFrame } from "./services.ts";
import { Strangers } from "./strangers.ts";
import { Trust } from "./trust.ts";

/** What one datagram may take; a snapshot comes in parts that are far smaller. */
const datagramBytesMost = 60 * 1024 * 1024;
/** How often each line is looked at: whether its peer is welcome still. */
const lookEveryMs = 2_000;
/** Of what a peer says for this node's log. */
const reasonLengthMost = 300;

/** What the network is told when it is made. */
export interface PeerNetworkConfig {
  readonly id: string;
  /** Where others reach this node: host and port. */
  readonly address: string;
  readonly book: AddressBook;
  /** Digests of the roots that count until there are some of `trust`: the one in a join token. */
  readonly pinned: readonly string[];
}

/** A connection to a peer. Whoever asked for it closes it. */
export interface PeerChannel {
  readonly client: Client;
  readonly close: () => void;
  /** Once the other end has answered: why it is not the peer, or null. */
  readonly doubt: () => string | null;
}

/** What the network has to tell. */
export interface PeerNetworkListener {
  /** `certificate` as the sender's connection has shown it; null: none. */
  message(from: string, certificate: Certificate | null, message: NodeMessage): void;
  /** The machine of this peer answers that nobody listens there. */
  unreachable(id: string): void;
  /** Where the cluster's store has this peer, host and port; empty: it does not say. */
  storedAddressOf(id: string): string;
  /** What a connection to this peer is good for. */
  welcome(peer: Peer): Welcome;
  /** Whether what this peer says of where managers are reached is believed. */
  knowsManagers(peer: Peer): boolean;
  /** What an operator may want to know. `peer`: its id, or where a stranger calls from. */
  notice(text: string, peer: string): void;
}

/**
 * Datagrams over one stream for each pair of nodes, on mutual TLS. Whoever has something to say
 * first opens it. What this node says to a peer goes only to who has proven to be that peer by a
 * certificate of a trusted root; to a node that has none go the answers to its join, and nothing.
 * A node that was removed while roots were rotated shows a certificate of an old one: what it says
 * is for core to judge, like all that is said here, and that it is out is all that it is told.
 */
export class PeerNetwork implements Network, LineListener {
  readonly #config: PeerNetworkConfig;
  readonly #listener: PeerNetworkListener;
  readonly #links = new Map<string, Link>();
  readonly #strangers = new Strangers();
  /** Lines that have not said who they are, with what follows from their end. */
  readonly #calls = new Map<Line, (result: LineEnd | LinePeer) => void>();
  readonly #guard: LineGuard;
  readonly #timer: NodeJS.Timeout;
  /** Whose message core is taking. */
  #speaking: Line | null = null;
  /** Why the last message of a line was not let in that its peer has been told of. */
  readonly #told = new WeakMap<Line, string>();
  readonly #trust: Trust;
  readonly #dialer: Dialer;
  readonly #addresses: AddressExchange;
  /** Datagrams for whom nobody knows the way to. */
  #undelivered = 0;
  #isStopped = false;

  constructor(
    config: PeerNetworkConfig,
    credentials: Credentials | null,
    roots: readonly Root[],
    listener: PeerNetworkListener,
  ) {
    const { id, address, book, pinned } = config;
    this.#config = config;
    this.#listener = listener;
    this.#trust = new Trust(credentials, roots, pinned);
    this.#dialer = new Dialer(id, address, this.#trust);
    const unsaved = (reason: string) =>
      listener.notice(`where managers are is not kept for the next start: ${reason}`, id);
    this.#addresses = new AddressExchange(id, book, (frame) => this.#tellAll(frame), unsaved);
    this.#guard = new LineGuard((peer) => listener.welcome(peer));
    this.#timer = setInterval(() => this.#look(), lookEveryMs).unref();
  }

  /** Peers to whom a stream is open. */
  get connected(): number {
    return [...this.#links.values()].filter(({ lines }) => lines.length > 0).length;
  }

  /** Datagrams that were lost here, for want of room or of a connection. */
  get dropped(): number {
    const links = [...this.#links.values()];
    return links.reduce((sum, { dropped }) => sum + dropped, this.#undelivered);
  }

  send(to: string, message: NodeMessage): void {
    if (this.#isStopped) return;
    if (to === this.#config.id) return this.#sendHome(message);
    if (!isForGuests(message) && !this.#hasWay(to)) {
      this.#undelivered += 1;
      return;
    }
    const frame = encodeFrame({ kind: "words", message });
    if (frame.length > datagramBytesMost) {
      return this.#listener.notice(`a message of ${frame.length} bytes is too large to send`, to);
    }
    if (!isForGuests(message)) return this.#linkTo(to).send(frame, isBulk(message));
    this.#strangers.answer(to, frame);
    const link = this.#links.get(to);
    if (link !== undefined && link.lines.length > 0) link.send(frame, isBulk(message));
  }

  /** From now on this is shown to others: connections are made anew, and nothing is interrupted. */
  show(credentials: Credentials): void {
    const isFirst = this.#trust.credentials === null;
    this.#trust.show(credentials);
    const renewed = encodeFrame({ kind: "renewed" });
    for (const [id, link] of this.#links) {
      if (isFirst) link.hangUp();
      if (link.lines.some(({ isOurs }) => isOurs)) this.#dial(id);
      for (const line of link.lines) if (!line.isOurs) line.write(renewed);
    }
  }

  /** From now on these roots' certificates are good, and no others'. */
  trust(roots: readonly Root[]): void {
    this.#trust.trust(roots);
    for (const { lines } of this.#links.values()) {
      for (const line of [...lines]) {
        const { certificate } = line.peer as LinePeer;
        if (!this.#trust.believes(certificate)) line.close("its root is not trusted any more");
      }
    }
  }

  /** Opens a stream to whoever is at `address`, who proves who it is. Rejects with a reason. */
  discover(address: string): Promise<LinePeer> {
    return new Promise((resolve, reject) => {
      this.#open(address, patienceLongestMs, (result) => {
        if ("reason" in result) reject(new Error(result.reason));
        else resolve(result);
      });
    });
  }

  /** A connection of its own to a peer, for calls; null when nobody knows where it is. */
  channelTo(id: string): PeerChannel | null {
    const address = this.#addressOf(id);
    if (address === "" || this.#isStopped) return null;
    const { client, credentials, close } = this.#dialer.connect(address);
    return { client, close, doubt: () => this.#doubt(id, credentials.shown) };
  }

  /** A peer has opened a stream. Strangers who want to join give way to those that come later. */
  accept(call: ServerDuplexStream<Uint8Array, Uint8Array>, connection: IncomingConnection): void {
    const abort = (reason: string) => {
      // Who reads nothing would not hear it, and would keep what waits for it.
      if (line.isFull) connection.destroy();
      else call.emit("error", this.#farewell(reason));
      if (!this.#isStopped) this.#listener.notice(`refused: ${reason}`, this.#nameOf(line));
    };
    const { shown } = connection;
    const isKnown = shown !== undefined && this.isKnown(shown);
    const way = { connection, patienceMs: patienceLongestMs, takesParts: isKnown, abort };
    const line = new Line(call, false, this.#dialer.hello(isKnown), this, way);
    if (!isKnown) this.#strangers.add(line);
  }

  /** Whether a root that is trusted has signed this certificate; DER. */
  isKnown(shown: Buffer): boolean {
    return this.#trust.read(shown).kind === "chain";
  }

  #farewell(reason: string) {
    return this.#isStopped
      ? { code: status.UNAVAILABLE, details: reason }
      : { code: status.PERMISSION_DENIED, details: `refused: ${reason}` };
  }

  /** Core does not let in the message that it is being handed: the sender hears it once. */
  denied(reason: string): void {
    const line = this.#speaking;
    if (line === null) return;
    this.#listener.notice(`a message was not let in: ${reason}`, this.#nameOf(line));
    if (!line.hasRoom || this.#told.get(line) === reason) return;
    this.#told.set(line, reason);
    line.write(encodeFrame({ kind: "refused", reason }));
  }

  stop(): void {
    this.#isStopped = true;
    clearInterval(this.#timer);
    for (const link of this.#links.values()) link.stop("the node stops");
    for (const line of [...this.#strangers.lines, ...this.#calls.keys()])
      line.close("the node stops");
  }

  opened(line: Line, peer: LinePeer): string | null {
    const { id, certificate } = peer;
    if (id === this.#config.id) return "it says that it is this node itself";
    if (certificate === null && line.isOurs) return "it has shown no certificate";
    const isTrusted = this.#trust.believes(certificate);
    if (!isTrusted && line.isOurs) return unknownRoot;
    const refused = this.#guard.admit(line, peer);
    if (refused !== null) return refused;
    if (certificate === null) line.write(this.#addresses.frame);
    if (certificate === null || !isTrusted) return null;
    const twin = this.#linkTo(id).lines.find((each) => isTwin(peer, each.peer as LinePeer));
    if (twin !== undefined) return twinProblem(id, twin.host);
    this.#strangers.delete(line);
    this.#addresses.met(peer, line, this.#knowsManagers(peer));
    this.#calls.get(line)?.(peer);
    this.#calls.delete(line);
    line.write(this.#addresses.frame);
    this.#linkTo(id).opened(line);
    return null;
  }

  received(line: Line, peer: LinePeer, frame: PeerFrame): void {
    const { id, certificate } = peer;
    switch (frame.kind) {
      case "words":
        this.#speaking = line;
        this.#listener.message(id, certificate, frame.message);
        this.#speaking = null;
        return;
      case "refused":
        if (certificate !== null) this.#heardRefusal(id, frame.reason);
        return;
      case "addresses":
        if (this.#knowsManagers(peer)) this.#addresses.heard(frame.managers);
        return;
      case "renewed":
        if (line.isOurs) this.#dial(id);
        return;
      case "hello":
        return line.close("it says twice who it is");
      case "part":
        return line.close("a part of a frame is in another's parts");
    }
  }

  drained({ peer }: Line): void {
    if (peer !== null) this.#links.get(peer.id)?.pump();
  }

  closed(line: Line, end: LineEnd): void {
    this.#strangers.delete(line);
    this.#calls.get(line)?.(end);
    this.#calls.delete(line);
    if (line.peer === null) return;
    const { id } = line.peer;
    const link = this.#links.get(id);
    const isTurnedAway = link?.closed(line) === true || end.kind === "denied";
    if (link?.lines.length === 0) this.#addresses.left(id);
    if (isTurnedAway) this.#listener.notice(`it does not speak with this node: ${end.reason}`, id);
  }

  #heardRefusal(id: string, reason: string): void {
    const text = reason.slice(0, reasonLengthMost);
    this.#listener.notice(`it refuses what this node says: ${text}`, id);
  }

  /** Ends the lines of those that are not welcome any more. */
  #look(): void {
    const lines = [...this.#links.values()].flatMap((link) => [...link.lines]);
    for (const line of [...lines, ...this.#strangers.lines]) {
      const reason = this.#guard.verdict(line);
      if (reason === null) continue;
      if (line.isOurs)
        this.#listener.notice(`not spoken to any more: ${reason}`, this.#nameOf(line));
      line.close(reason);
    }
  }

  /** By its id, if it has proven it. */
  #nameOf({ peer, host }: Line): string {
    return this.#trust.believes(peer?.certificate ?? null) ? (peer as LinePeer).id : host;
  }

  /** Never within the step that sends it; with the certificate that others would see. */
  #sendHome(message: NodeMessage): void {
    const certificate = this.#trust.own;
    setImmediate(() => this.#listener.message(this.#config.id, certificate, message));
  }

  /** A worker may name any number of managers that there are not: nothing is kept of those. */
  #hasWay(to: string): boolean {
    return this.#links.has(to) || this.#addressOf(to) !== "";
  }

  #linkTo(id: string): Link {
    const known = this.#links.get(id);
    if (known !== undefined) return known;
    const link = new Link((patienceMs) => this.#dial(id, patienceMs));
    this.#links.set(id, link);
    return link;
  }

  /** What a node says of where it is may be anything; empty: nobody knows where it is. */
  #addressOf(id: string): string {
    const said = this.#config.book.addressOf(id) ?? this.#listener.storedAddressOf(id);
    return isHostPort(said) ? said : "";
  }

  /** False when nobody knows where the peer is. */
  #dial(id: string, patienceMs = patienceLongestMs): boolean {
    const address = this.#addressOf(id);
    if (address === "" || this.#isStopped) return false;
    const shown = this.#trust.credentials;
    this.#open(address, patienceMs, (result) => {
      const failed = "reason" in result ? result.reason : wrongPeer(id, result.id);
      if (failed === null && shown !== this.#trust.credentials) setImmediate(() => this.#dial(id));
      if (failed === null) return;
      this.#listener.notice(`can't reach ${address}: ${failed}`, id);
      this.#links.get(id)?.failed();
      if ("reason" in result && result.kind === "unheard") this.#listener.unreachable(id);
    });
    return true;
  }

  #open(address: string, patienceMs: number, done: (result: LineEnd | LinePeer) => void): void {
    this.#calls.set(this.#dialer.open(address, patienceMs, this), done);
  }

  #doubt(id: string, shown: Buffer | undefined): string | null {
    if (shown === undefined) return "it has shown no certificate";
    const read = this.#trust.read(shown);
    if (read.kind === "invalid") return read.reason;
    const { certificate } = read;
    const welcome = this.#listener.welcome({ id: certificate.nodeId, certificate });
    return welcome.kind === "member" ? wrongPeer(id, certificate.nodeId) : welcome.reason;
  }

  #knowsManagers(peer: Peer): boolean {
    return this.#trust.believes(peer.certificate) && this.#listener.knowsManagers(peer);
  }

  #tellAll(frame: Uint8Array): void {
    for (const link of this.#links.values()) if (link.lines.length > 0) link.send(frame, false);
  }
}

const unknownRoot = "Permission denied: certificate signed by unknown authority";

function wrongPeer(wanted: string, found: string): string | null {
  return wanted === found ? null : `${found} is there, and not ${wanted}`;
}
