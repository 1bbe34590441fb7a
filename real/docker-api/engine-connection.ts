import { request as ask, type ClientRequest, type IncomingMessage } from "node:http";
import { request as askTls } from "node:https";
import type { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { type EngineTarget, targetOf } from "../docker/client.ts";
import { apiVersion, isOlder } from "./api-version.ts";
import type { Asked } from "./handler.ts";
import { ApiError } from "./routes.ts";

/** How long the engine may take to say which versions it speaks. */
const pingWithinMs = 5_000;

export interface EngineQuestion {
  readonly method: string;
  /** With its version and query. */
  readonly path: string;
  readonly headers: IncomingMessage["headers"];
  readonly signal: AbortSignal;
}

/** The way to the node's own engine. */
export class EngineConnection {
  readonly #target: EngineTarget;
  /** Of its API; null: it has not been asked yet. */
  #version: string | null = null;

  /** `address` as `connect` takes it. */
  constructor(address: string) {
    this.#target = targetOf(address);
  }

  /** On a connection of its own, which whoever asks ends. */
  ask(question: EngineQuestion): ClientRequest {
    const all = { ...this.#target, ...question, agent: false as const };
    return this.#target.protocol === "https:" ? askTls(all) : ask(all);
  }

  /**
   * Rejects with an `ApiError` when the engine is not there. It is not told to close the connection
   * after its answer: if it did so before all was written, the answer would be lost.
   */
  open(question: EngineQuestion, body: Readable | null): Promise<IncomingMessage> {
    return new Promise((resolve, reject) => {
      const headers = { ...question.headers, connection: "keep-alive" };
      const asking = this.ask({ ...question, headers });
      asking.once("response", resolve);
      asking.on("error", (error) => reject(notThere(error)));
      if (body === null) asking.end();
      else pipeline(body, asking).catch((error: Error) => reject(notThere(error)));
    });
  }

  /** The engine may be older than the client takes it to be. */
  async pathOf({ version, path, search }: Asked, signal: AbortSignal): Promise<string> {
    this.#version ??= await this.#ping(signal);
    const spoken = isOlder(this.#version, version) ? this.#version : version;
    return `/v${spoken}${path}${search}`;
  }

  /** What it answers to a GET, as it comes. Rejects with an `ApiError`. */
  async get(path: string, search: string, signal: AbortSignal): Promise<AsyncIterable<Buffer>> {
    const whole = await this.pathOf({ version: apiVersion.max, path, search }, signal);
    const answer = await this.open({ method: "GET", path: whole, headers: {}, signal }, null);
    if (answer.statusCode === 200) return answer as AsyncIterable<Buffer>;
    answer.destroy();
    throw new ApiError(answer.statusCode ?? 500, `this node's engine has refused ${path}`);
  }

  /** The same, as the JSON that it is. */
  async json(path: string, search: string, signal: AbortSignal): Promise<unknown> {
    const chunks: Buffer[] = [];
    for await (const chunk of await this.get(path, search, signal)) chunks.push(chunk);
    return JSON.parse(Buffer.concat(chunks).toString("utf8"));
  }

  async #ping(signal: AbortSignal): Promise<string> {
    const soon = AbortSignal.any([signal, AbortSignal.timeout(pingWithinMs)]);
    const asked = { method: "GET", path: "/_ping", headers: {}, signal: soon };
    const answer = await this.open(asked, null);
    answer.resume();
    const version = answer.headers["api-version"];
    if (typeof version === "string") return version;
    throw new ApiError(503, "what answers as this node's Docker engine is none");
  }
}

export function notThere({ message }: Error): ApiError {
  return new ApiError(503, `this node's Docker engine does not answer: ${message}`);
}
