import type { Socket } from "node:net";
import { connect, type TlsOptions } from "node:tls";
import { CallCredentials, ChannelCredentials } from "@grpc/grpc-js";
import type { Credentials } from "../signer/identity-files.ts";
import type { PeerConnection } from "./line.ts";

/**
 * TLS 1.3 both ways. It proves who holds which key; whose certificates are good is looked at
 * afterwards, certificate by certificate, as some that a library would refuse are good for getting
 * better ones: a node without any must be able to ask for its first, and one whose certificate has
 * expired while it was off for its next.
 */
export const tlsOptions = {
  minVersion: "TLSv1.3" as const,
  rejectUnauthorized: false,
  ALPNProtocols: ["h2"],
} satisfies TlsOptions;

/** For one connection to another node. It knows how far that is, and what the other has shown. */
export class PeerChannelCredentials extends ChannelCredentials implements PeerConnection {
  /** DER; undefined until the connection is there. */
  shown: Buffer | undefined;
  readonly #own: Credentials | null;
  #socket: Socket | null = null;
  #isClosed = false;

  constructor(own: Credentials | null) {
    super();
    this.#own = own;
  }

  /**
   * Ends the connection, however far it has come: a client of gRPC that is closed leaves one open
   * whose handshake the other end never answers, and one that comes about later.
   */
  close(): void {
    this.#isClosed = true;
    this.#socket?.destroy();
  }

  get isReached(): boolean {
    return this.#socket !== null;
  }

  get bytesRead(): number {
    return this.#socket?.bytesRead ?? 0;
  }

  override _isSecure(): boolean {
    return true;
  }

  override _equals(other: ChannelCredentials): boolean {
    return other === this;
  }

  override _createSecureConnector() {
    return {
      connect: (socket: Socket) => this.#connect(socket),
      waitForReady: () => Promise.resolve(),
      getCallCredentials: () => CallCredentials.createEmpty(),
      destroy: () => undefined,
    };
  }

  #connect(socket: Socket): Promise<{ readonly socket: Socket; readonly secure: boolean }> {
    if (this.#isClosed) return Promise.reject(new Error("the connection was given up"));
    this.#socket = socket;
    const own = this.#own === null ? {} : { key: this.#own.key, cert: this.#own.chain };
    return new Promise((resolve, reject) => {
      const secure = connect({ socket, ...own, ...tlsOptions }, () => {
        this.shown = secure.getPeerCertificate().raw;
        resolve({ socket: secure, secure: true });
      });
      secure.once("error", reject);
    });
  }
}

/**
 * Between nodes. A ping has something come at least every two seconds from whoever is there, which
 * `line-guard.ts` looks for; its own answer may wait for long behind what is large on a slow link.
 */
export const channelOptions = {
  "grpc.max_receive_message_length": 64 * 1024 * 1024,
  "grpc.max_send_message_length": 64 * 1024 * 1024,
  "grpc.keepalive_time_ms": 2_000,
  "grpc.keepalive_timeout_ms": 20_000,
  "grpc.keepalive_permit_without_calls": 0,
  "grpc.enable_http_proxy": 0,
  // Books that nobody here looks into.
  "grpc.enable_channelz": 0,
} as const;

/**
 * Between a node and a program that asks it: nobody else takes over for either, so that one that is
 * suspended or on a busy machine is waited for.
 */
export const callerOptions = {
  ...channelOptions,
  "grpc.keepalive_time_ms": 10_000,
} as const;
