import { setTimeout as delay } from "node:timers/promises";
import Docker from "dockerode";
import { longestMs } from "../clock.ts";

/** Where an engine is to be found when nobody says otherwise. */
export const defaultSocket = "/var/run/docker.sock";

/** How long the engine may take to answer, in milliseconds, before it counts as hanging. */
export const answerWithinMs = 30_000;

/** Where an engine's API is served. */
export type EngineTarget =
  | { readonly socketPath: string; readonly protocol?: never }
  | {
      readonly protocol: "http:" | "https:";
      readonly host: string;
      readonly port: number | string;
    };

/**
 * What `address` means: `unix:///path`, `tcp://host:port`, `http://...` or `https://...`. Throws a
 * `TypeError` that says what is wrong with any other.
 */
export function targetOf(address: string): EngineTarget {
  if (address.startsWith("unix://")) {
    const socketPath = address.slice("unix://".length);
    if (socketPath.startsWith("/")) return { socketPath };
    throw new TypeError(`engine address ${address}: the path of the socket must be absolute`);
  }
  const url = URL.canParse(address) ? new URL(address) : null;
  const protocol = url?.protocol === "https:" ? "https:" : "http:";
  if (url === null || !["tcp:", "http:", "https:"].includes(url.protocol)) {
    const forms = "unix:///path/to/docker.sock, tcp://host:port or https://host:port";
    throw new TypeError(`engine address ${address}: it must be of the form ${forms}`);
  }
  return { protocol, host: url.hostname, port: url.port === "" ? 2375 : url.port };
}

/** A client for the engine at `address`; its forms and the error are those of `targetOf`. */
export function connect(address: string): Docker {
  const target = targetOf(address);
  if (target.protocol === undefined) return new Docker(target);
  return new Docker({ ...target, protocol: target.protocol === "https:" ? "https" : "http" });
}

/** The HTTP status with which the engine refused; null: it did not answer, or not in time. */
export function statusOf(error: unknown): number | null {
  const { statusCode } = error as { statusCode?: unknown };
  return typeof statusCode === "number" ? statusCode : null;
}

/** True when a later try may succeed: the engine was not there, or could not say. */
export function isTemporary(error: unknown): boolean {
  const status = statusOf(error);
  return status === null || status === 429 || status === 503;
}

/** What the engine says is wrong, without the client's frame around it. */
export function engineReason(error: unknown): string {
  const { json, message } = error as { json?: { message?: unknown } | null; message?: unknown };
  if (typeof json?.message === "string") return json.message.trim();
  if (error instanceof Error && error.name === "TimeoutError") return "the engine does not answer";
  if (typeof message !== "string") return String(error);
  return message.replace(/^\(HTTP code \d+\) [a-z ]+ - /, "").trim();
}

/** For one call: ends it when the engine takes longer than it may. */
export function patience(moreMs = 0): { readonly abortSignal: AbortSignal } {
  return { abortSignal: AbortSignal.timeout(Math.min(longestMs, answerWithinMs + moreMs)) };
}

/** For one call that takes no `abortSignal`: it is given up then, and rejects. */
export function inTime<T>(call: Promise<T>): Promise<T> {
  const late = delay(answerWithinMs, null, { ref: false }).then(() => {
    throw new Error("the engine does not answer");
  });
  return Promise.race([call, late]);
}
