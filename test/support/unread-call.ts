import { once } from "node:events";
import { type ClientHttp2Session, type ClientHttp2Stream, connect } from "node:http2";
import type { Duplex } from "node:stream";

/** A call of gRPC of which nothing is read: its own client would read on by itself. */
export interface UnreadCall {
  readonly session: ClientHttp2Session;
  /** It has been answered; what is to come waits until somebody reads. */
  readonly call: ClientHttp2Stream;
}

/** `message` as it goes over the wire; with `isOpen` more of them may follow. */
export async function unreadCall(
  connection: Duplex,
  path: string,
  message: Uint8Array,
  isOpen = false,
): Promise<UnreadCall> {
  const session = connect("http://localhost", { createConnection: () => connection });
  session.on("error", () => undefined);
  const type = { "content-type": "application/grpc", te: "trailers" };
  const call = session.request({ ":method": "POST", ":path": path, ...type });
  call.on("error", () => undefined);
  call.write(framed(message));
  if (!isOpen) call.end();
  await once(call, "response");
  return { session, call };
}

/** As gRPC has it on the wire. */
export function framed(message: Uint8Array): Buffer {
  const head = Buffer.alloc(5);
  head.writeUInt32BE(message.length, 1);
  return Buffer.concat([head, message]);
}
