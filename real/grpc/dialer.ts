import { randomUUID } from "node:crypto";
import { Client, type ClientDuplexStream } from "@grpc/grpc-js";
import { channelOptions, PeerChannelCredentials } from "./credentials.ts";
import { Line, type LineListener, type PeerCall } from "./line.ts";
import { encodeFrame, peersService } from "./services.ts";
import type { Trust } from "./trust.ts";

const ownConnection = {
  ...channelOptions,
  // Not shared: each shows the certificate of its own moment.
  "grpc.use_local_subchannel_pool": 1,
  // What gRPC keeps to send it again it takes at once, up to a megabyte: nothing would get by that.
  "grpc.per_rpc_retry_buffer_size": 0,
};

/** Opens connections to other nodes, as this node shows itself to them. */
export class Dialer {
  readonly #id: string;
  readonly #address: string;
  readonly #trust: Trust;
  /** Tells this process from one with a copy of what this node has kept. */
  readonly #instance = randomUUID();

  /** `address`: host and port where others reach this node. */
  constructor(id: string, address: string, trust: Trust) {
    this.#id = id;
    this.#address = address;
    this.#trust = trust;
  }

  /** What this node says first on a stream, and whether large frames may come in parts. */
  hello(takesParts: boolean): Uint8Array {
    const { credentials } = this.#trust;
    const chain = credentials?.chain ?? "";
    const own = { nodeId: this.#id, address: this.#address, instance: this.#instance };
    return encodeFrame({ kind: "hello", ...own, chain, takesParts });
  }

  /** A stream to whoever is at `address`; `listener` hears what comes of it. */
  open(address: string, patienceMs: number, listener: LineListener): Line {
    const { client, credentials, close } = this.connect(address);
    const { path, requestSerialize, responseDeserialize } = peersService.connect;
    const call = client.makeBidiStreamRequest(path, requestSerialize, responseDeserialize);
    call.once("status", close);
    const asCall = call as ClientDuplexStream<Uint8Array, Uint8Array> as PeerCall;
    const way = {
      connection: credentials,
      patienceMs,
      takesParts: true,
      abort: () => call.cancel(),
    };
    return new Line(asCall, true, this.hello(true), listener, way);
  }

  /** For calls. Whoever asks for it closes it. */
  connect(address: string) {
    const credentials = new PeerChannelCredentials(this.#trust.credentials);
    const client = new Client(address, credentials, ownConnection);
    const close = () => {
      client.close();
      credentials.close();
    };
    return { client, credentials, close };
  }
}
