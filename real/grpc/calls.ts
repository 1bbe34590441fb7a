import type { Client, ClientReadableStream, MethodDefinition, ServiceError } from "@grpc/grpc-js";
import type { Decoded } from "../wire/proto.ts";

/** What a call came to: what the answer's bytes were found to be, or why there is none. */
export type Called<T> = Decoded<T> | { readonly kind: "failed"; readonly error: ServiceError };

/** Asks once, and waits this long for the answer. Never rejects. */
export function call<T>(
  client: Client,
  { path, requestSerialize, responseDeserialize }: MethodDefinition<unknown, unknown>,
  request: unknown,
  withinMs: number,
): Promise<Called<T>> {
  return new Promise((resolve) => {
    const answered = (error: ServiceError | null, reply?: unknown) => {
      resolve(error === null ? (reply as Decoded<T>) : { kind: "failed", error });
    };
    const options = { deadline: Date.now() + withinMs };
    client.makeUnaryRequest(
      path,
      requestSerialize,
      responseDeserialize,
      request,
      options,
      answered,
    );
  });
}

/** Begins a call whose answers come one after the other; what goes wrong is its error. */
export function streamFrom<T>(
  client: Client,
  { path, requestSerialize, responseDeserialize }: MethodDefinition<unknown, unknown>,
  request: unknown,
): ClientReadableStream<Decoded<T>> {
  const call = client.makeServerStreamRequest(path, requestSerialize, responseDeserialize, request);
  return call as ClientReadableStream<Decoded<T>>;
}
