import {
  type ClientDuplexStream,
  type ServerDuplexStream,
  type ServiceError,
  status,
} from "@grpc/grpc-js";
import { limits } from "../../core/base/limits.ts";
import type { Speaker } from "../../core/ca/admission.ts";
import { readChain } from "../signer/chain.ts";
import type { FramePart, PeerFrame } from "../wire/services.ts";
import { channelOptions } from "./credentials.ts";
import { callTrouble, isUnheard } from "./failure.ts";
import { FrameParts, partBytes } from "./frame-parts.ts";
import { decodeFrame } from "./services.ts";

/** One end of the stream between two nodes, ours or the other's to have opened. */
export type PeerCall =
  | ClientDuplexStream<Uint8Array, Uint8Array>
  | ServerDuplexStream<Uint8Array, Uint8Array>;

/**
 * Who is at the other end, as far as TLS proves it: without a certificate its id is only what it
 * says. Versions before say no instance.
 */
export interface LinePeer extends Speaker {
  /** Where it says that it is reached. */
  readonly address: string;
  /** Large frames may go to it in parts. */
  readonly takesParts: boolean;
}

/** What a stream goes over. */
export interface PeerConnection {
  /** The other machine has taken it. */
  readonly isReached: boolean;
  /** The certificate that TLS has seen the peer hold the key to, in DER; undefined: none so far. */
  readonly shown: Buffer | undefined;
  /** Of whatever kind, so far. */
  readonly bytesRead: number;
}

/** How a stream goes, and for how long its beginning is awaited. */
export interface LineWay {
  readonly connection: PeerConnection;
  /** How long a peer that is reached may take to say who it is; at least `reachPatienceMs`. */
  readonly patienceMs: number;
  /** This node has said that large frames may come in parts. */
  readonly takesParts: boolean;
  /** Ends the stream. */
  readonly abort: (reason: string) => void;
}

/** `denied`: by the peer. `unheard`: its machine answers that nobody listens there. */
export interface LineEnd {
  readonly kind: "denied" | "unheard" | "broken";
  /** For logs. */
  readonly reason: string;
}

/** Told of what happens on a line. */
export interface LineListener {
  /** The peer has said who it is: why it is not spoken to, or null. */
  opened(line: Line, peer: LinePeer): string | null;
  received(line: Line, peer: LinePeer, frame: PeerFrame): void;
  /** There is room for more. */
  drained(line: Line): void;
  /** Once for each line. */
  closed(line: Line, end: LineEnd): void;
}

/**
 * How long a peer's machine may leave a connection unanswered: it is then called anew. Also the
 * shortest patience with a peer, whose rest begins when this is over.
 */
export const reachPatienceMs = 5_000;

/** Of what is written ahead: gRPC would take sixteen frames, however large. */
const waitingBytesMost = partBytes;

/** Of one frame, however many parts it has. */
const frameBytesMost = channelOptions["grpc.max_receive_message_length"];

/**
 * One stream between two nodes. Both ends first say who they are; the certificate that they name
 * must be the one that TLS has seen them hold the key to.
 */
export class Line {
  /** True when this node has opened it. */
  readonly isOurs: boolean;
  peer: LinePeer | null = null;
  readonly #call: PeerCall;
  readonly #listener: LineListener;
  readonly #abort: (reason: string) => void;
  readonly #connection: PeerConnection;
  #timer: NodeJS.Timeout;
  readonly #since = performance.now();
  /** Bytes written that the connection has not taken yet. */
  #waitingBytes = 0;
  /** When it last took a frame, or had none to take. */
  #tookAt = 0;
  #isClosed = false;
  readonly #takesParts: boolean;
  readonly #parts = new FrameParts();

  constructor(
    call: PeerCall,
    isOurs: boolean,
    hello: Uint8Array,
    listener: LineListener,
    { connection, patienceMs, takesParts, abort }: LineWay,
  ) {
    this.#call = call;
    this.isOurs = isOurs;
    this.#listener = listener;
    this.#connection = connection;
    this.#abort = abort;
    this.#takesParts = takesParts;
    this.#timer = setTimeout(() => this.#waitOn(patienceMs - reachPatienceMs), reachPatienceMs);
    call.on("data", (bytes: Uint8Array) => this.#received(bytes));
    call.on("error", (error: Partial<ServiceError>) => {
      this.#closed(callTrouble(error), kindOf(error));
    });
    call.on("end", () => this.#ended());
    call.on("close", () => this.#closed("the connection is closed"));
    call.on("cancelled", () => this.#closed("the connection was given up"));
    this.write(hello);
  }

  /** The peer's IP address on this connection. */
  get host(): string {
    return this.#call.getPeer().replace(/:\d+$/, "");
  }

  /** Bytes that have come over its connection. */
  get bytesRead(): number {
    return this.#connection.bytesRead;
  }

  /** Since this end began with it. */
  get ageMs(): number {
    return performance.now() - this.#since;
  }

  /** True when a frame can be written at once. */
  get hasRoom(): boolean {
    return this.peer !== null && !this.isFull && !this.#isClosed;
  }

  /** True while so much waits for the peer that it would not hear a last word. */
  get isFull(): boolean {
    return this.#waitingBytes >= waitingBytesMost;
  }

  /** How long the peer has taken no frame of those that wait for it; 0: none waits. */
  get fullForMs(): number {
    return this.#waitingBytes === 0 ? 0 : performance.now() - this.#tookAt;
  }

  write(frame: Uint8Array): void {
    if (this.#isClosed) return;
    if (this.#waitingBytes === 0) this.#tookAt = performance.now();
    this.#waitingBytes += frame.length;
    this.#call.write(frame, () => this.#taken(frame.length));
  }

  /** What was written is still sent; the other end then ends its half. */
  end(): void {
    if (!this.#isClosed) this.#call.end();
  }

  close(reason: string): void {
    if (this.#isClosed) return;
    this.#closed(reason);
    this.#abort(reason);
  }

  #waitOn(leftMs: number): void {
    if (!this.#connection.isReached) return this.close("its machine does not answer");
    this.#timer = setTimeout(() => this.close("it has not said who it is"), leftMs);
  }

  #taken(bytes: number): void {
    this.#tookAt = performance.now();
    const hadRoom = this.hasRoom;
    this.#waitingBytes -= bytes;
    if (!hadRoom && this.hasRoom) this.#listener.drained(this);
  }

  #ended(): void {
    this.#call.end();
    this.#closed("the other end has closed it");
  }

  #closed(reason: string, kind: LineEnd["kind"] = "broken"): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    clearTimeout(this.#timer);
    this.#listener.closed(this, { kind, reason });
  }

  #received(bytes: Uint8Array): void {
    if (this.#isClosed || this.#isTooLarge(bytes.length)) return;
    const frame = decodeFrame(bytes);
    if (frame.kind === "malformed")
      return this.close(`it has sent what is no frame: ${frame.reason}`);
    const { value } = frame;
    if (this.peer !== null && value.kind === "part") return this.#receivedPart(value);
    if (this.peer !== null) return this.#listener.received(this, this.peer, value);
    if (value.kind !== "hello") return this.close("its first frame does not say who it is");
    const proven = provenBy(value, this.#connection.shown);
    if (typeof proven === "string") return this.close(proven);
    clearTimeout(this.#timer);
    this.peer = proven;
    const refused = this.#listener.opened(this, proven);
    if (refused !== null) this.close(refused);
  }

  /** Whoever was not told that it may sends no parts: strangers' would take too much memory. */
  #receivedPart(part: FramePart): void {
    if (!this.#takesParts) return this.close("it has sent a part of a frame, and was told not to");
    if (this.#isTooLarge(part.size)) return;
    const whole = this.#parts.take(part);
    if (whole === "misplaced") return this.close("a part of a frame is not where it belongs");
    if (whole !== null) this.#received(whole);
  }

  #isTooLarge(bytes: number): boolean {
    const isManager = this.peer?.certificate?.role === "manager";
    if (bytes <= (isManager ? frameBytesMost : limits.agentMessageBytes)) return false;
    this.close(
      `its message of ${bytes} bytes is too large for who is ${isManager ? "a" : "no"} manager`,
    );
    return true;
  }
}

function kindOf(error: Partial<ServiceError>): LineEnd["kind"] {
  if (error.code === status.PERMISSION_DENIED) return "denied";
  return isUnheard(error) ? "unheard" : "broken";
}

/** Who the peer is, or why it can't be believed. `shown` is what TLS has seen; DER. */
function provenBy(
  { nodeId: id, address, chain, instance, takesParts }: PeerFrame & { kind: "hello" },
  shown: Buffer | undefined,
): LinePeer | string {
  if (shown === undefined) {
    return chain === ""
      ? { id, address, instance, takesParts, certificate: null }
      : "it has not shown its certificate";
  }
  const read = readChain(chain);
  if (read.kind === "invalid") return `its certificate is not good: ${read.reason}`;
  const { certificate, der } = read;
  if (!der.equals(shown)) {
    return "it has shown another certificate than the one it speaks of";
  }
  if (certificate.nodeId !== id) return `it is ${certificate.nodeId} and says that it is ${id}`;
  return { id, address, instance, takesParts, certificate };
}
