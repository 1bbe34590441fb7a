import type { Readable } from "node:stream";
import type Docker from "dockerode";
import { linesOf } from "../lines.ts";
import { inTime, reasonOf } from "./client.ts";

/** A pull in which nothing moves for so long has come to nothing. */
const stallsAfterMs = 60_000;

/** Told how a pull goes on, in the engine's words. */
export type OnProgress = (image: string, status: string) => void;

/** Pulls images: one at a time of each, whoever waits for it. */
export class Puller {
  readonly #docker: Docker;
  readonly #onProgress: OnProgress;
  readonly #underWay = new Map<string, Promise<string | null>>();

  constructor(docker: Docker, onProgress: OnProgress) {
    this.#docker = docker;
    this.#onProgress = onProgress;
  }

  /**
   * Fetches the image unless its digest says that it is here already. Resolves to null, or to why
   * that was not possible; never rejects. `auth` is base 64 of `X-Registry-Auth`, or empty.
   */
  pull(image: string, auth: string): Promise<string | null> {
    const key = `${image} ${auth}`;
    const known = this.#underWay.get(key);
    if (known !== undefined) return known;
    const pulling = this.#pull(image, auth).finally(() => this.#underWay.delete(key));
    this.#underWay.set(key, pulling);
    return pulling;
  }

  async #pull(image: string, auth: string): Promise<string | null> {
    try {
      if (image.includes("@") && (await this.#isHere(image))) return null;
      await this.#fetch(image, auth);
      return null;
    } catch (error) {
      return reasonOf(error);
    }
  }

  async #isHere(image: string): Promise<boolean> {
    return inTime(this.#docker.getImage(image).inspect()).then(
      () => true,
      () => false,
    );
  }

  async #fetch(image: string, auth: string): Promise<void> {
    const stall = new AbortController();
    const timer = setTimeout(() => stall.abort(), stallsAfterMs);
    try {
      const options = auth === "" ? {} : { authconfig: { base64: auth } };
      const stream = await this.#docker.pull(image, { ...options, abortSignal: stall.signal });
      for await (const line of linesOf(stream as Readable)) {
        timer.refresh();
        this.#tell(image, line);
      }
    } finally {
      clearTimeout(timer);
    }
  }

  #tell(image: string, line: string): void {
    const { status, id, error } = JSON.parse(line) as Record<string, string | undefined>;
    if (error !== undefined) throw new Error(error);
    if (status !== undefined)
      this.#onProgress(image, id === undefined ? status : `${id}: ${status}`);
  }
}
