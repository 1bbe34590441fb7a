import type { Readable } from "node:stream";
import type Docker from "dockerode";
import { linesOf } from "../lines.ts";
import { engineReason, inTime } from "./client.ts";

/** A pull in which nothing moves for this long has come to nothing. */
const stallsAfterMs = 60_000;

/** A pull that is over sooner is not worth a word; of one that goes on there is one this often. */
const firstWordMs = 1_000;
const nextWordMs = 5_000;

/** Told now and then how far a pull is: `2 of 5 layers, 12 of 48 MB`. */
export type OnProgress = (image: string, progress: string) => void;

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
      return engineReason(error);
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
    const layers = new Layers();
    const tell = () => {
      this.#onProgress(image, layers.text);
      word = setTimeout(tell, nextWordMs);
    };
    let word = setTimeout(tell, firstWordMs);
    try {
      const options = auth === "" ? {} : { authconfig: { base64: auth } };
      const stream = await this.#docker.pull(image, { ...options, abortSignal: stall.signal });
      for await (const line of linesOf(stream as Readable)) {
        timer.refresh();
        layers.take(line);
      }
    } finally {
      clearTimeout(timer);
      clearTimeout(word);
    }
  }
}

/** One line of what the engine says of a pull. */
interface PullLine {
  /** What has failed; newer engines leave out `error`. */
  readonly errorDetail?: { readonly message?: string };
  readonly error?: string;
  readonly status?: string;
  /** Of a layer. */
  readonly id?: string;
  readonly progressDetail?: { readonly current?: number; readonly total?: number };
}

/** How far a pull is, layer by layer. */
class Layers {
  readonly #layers = new Map<string, { isHere: boolean; bytes: number; bytesTotal: number }>();

  /** Throws what the engine says is wrong. */
  take(text: string): void {
    const { errorDetail, status = "", id, progressDetail, ...line } = JSON.parse(text) as PullLine;
    const error = errorDetail?.message ?? line.error;
    if (error !== undefined) throw new Error(error);
    if (id === undefined || status.startsWith("Pulling from")) return;
    const { current = 0, total = 0 } = progressDetail ?? {};
    const layer = this.#layers.get(id) ?? { isHere: false, bytes: 0, bytesTotal: 0 };
    this.#layers.set(id, layer);
    layer.isHere ||= status === "Pull complete" || status === "Already exists";
    if (status === "Downloading") Object.assign(layer, { bytes: current, bytesTotal: total });
    if (status === "Download complete") layer.bytes = layer.bytesTotal;
  }

  get text(): string {
    const all = [...this.#layers.values()];
    const megabytes = (of: "bytes" | "bytesTotal") =>
      Math.round(all.reduce((sum, layer) => sum + layer[of], 0) / 1e6);
    const here = all.filter(({ isHere }) => isHere).length;
    const bytes = `${megabytes("bytes")} of ${megabytes("bytesTotal")} MB`;
    return `${here} of ${all.length} layers, ${bytes}`;
  }
}
