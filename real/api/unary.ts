import type { Client, MethodDefinition, ServiceError } from "@grpc/grpc-js";
import type { Decoded } from "../wire/proto.ts";

/** What a call came to: what the answer's bytes were found to be, or why there is none. */
export type Called<T> = Decoded<T> | { readonly kind: "failed"; readonly error: ServiceError };

/** Asks once, until `deadline`, in milliseconds since 1970. Never rejects. */
export function call<T>(
  client: Client,
  { path, requestSerialize, responseDeserialize }: MethodDefinition<unknown, unknown>,
  request: unknown,
  deadline: number,
): Promise<Called<T>> {
  return new Promise((resolve) => {
    const answered = (error: ServiceError | null, reply?: unknown) => {
      resolve(error === null ? (reply as Decoded<T>) : { kind: "failed", error });
    };
    const options = { deadline };
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
