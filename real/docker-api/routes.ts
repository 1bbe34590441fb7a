import type { IncomingHttpHeaders } from "node:http";

/** One endpoint of Docker's Engine API. Groups of them are composed in `server.ts`. */
export interface Route {
  readonly method: "DELETE" | "GET" | "HEAD" | "POST" | "PUT";
  /** Without the version; a part after a colon is a parameter: `/services/:id/update`. */
  readonly path: string;
  /** An `ApiError` is answered with its status; any other error is a 500, and logged. */
  handle(request: ApiRequest): Promise<ApiResponse>;
}

/** The route of a method and a path. */
export function route(
  method: Route["method"],
  path: string,
  handle: (request: ApiRequest) => Promise<ApiResponse>,
): Route {
  return { method, path, handle };
}

/** A request that has found its route. */
export interface ApiRequest {
  /** What stands in the path for the parameters, decoded. */
  readonly params: Readonly<Record<string, string>>;
  readonly query: URLSearchParams;
  /** As the client speaks it, such as `1.41`; the newest where it says nothing. */
  readonly version: string;
  readonly headers: IncomingHttpHeaders;
  /** Aborted once the client has gone, or the server stops. */
  readonly signal: AbortSignal;
  /** The body. Rejects with an `ApiError` when it is too large, broken, or no JSON. */
  json(): Promise<unknown>;
}

export interface ApiResponse {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  /** Sent as JSON; without it and without a stream there is no body. */
  readonly body?: unknown;
  /** Sent as it is, in place of `body`. */
  readonly text?: string;
  /** Sent as it comes, as fast as the client takes it; ended with `return` when the client goes. */
  readonly stream?: AsyncIterable<Uint8Array>;
}

/** Answered in Docker's shape: `{"message": ...}` with this status. */
export class ApiError extends Error {
  readonly status: number;

  constructor(status: number, message: string) {
    super(message);
    this.status = status;
  }
}
