import type { Client, MethodDefinition, ServiceError } from "@grpc/grpc-js";
import type { Decoded } from "../wire/proto.ts";

/** What a call came to: what the answer's bytes were found to be, or why there is none. */
export type Called<T> = Decoded<T> | { readonly kind: "failed"; readonly error: ServiceError };

/** Asks once, and waits so long for the answer. Never rejects. */
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
