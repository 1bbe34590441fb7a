import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import type { Durable, StorageWrite } from "../../core/node/durable.ts";
import { type OpenStorage, openStorage } from "../../real/storage/open-storage.ts";
import { cloneCodec } from "../support/clone-codec.ts";
import type { StorageHarness, StorageRig } from "./storage-suite.ts";

let root = "";
let count = 0;

/**
 * A disk of this machine. Its crash lets what was begun come to its end, which is one of the ways
 * in which a crash may go; `test/real/storage` kills real processes.
 */
export const realStorage: StorageHarness = {
  name: "the real disk",
  async setUp() {
    root = mkdtempSync(join(tmpdir(), "simswarm-storage-"));
  },
  async open() {
    const rig = new RealStorageRig();
    await rig.start();
    return rig;
  },
  async tearDown() {
    rmSync(root, { recursive: true, force: true });
  },
};

class RealStorageRig implements StorageRig {
  readonly acknowledged: number[] = [];
  #newest = 0;
  readonly #folder: string;
  #open: OpenStorage | null = null;

  constructor() {
    count += 1;
    this.#folder = join(root, String(count));
  }

  async start(): Promise<Durable> {
    await this.#open?.storage.close();
    this.#open = await openStorage({
      folder: this.#folder,
      owner: { nodeId: "n1", clusterId: null },
      codec: cloneCodec,
      unlockKey: null,
      askKey: null,
      acknowledge: (number) => this.acknowledged.push(number),
      failed: (reason) => {
        throw new Error(reason);
      },
    });
    return this.#open.durable;
  }

  write(write: StorageWrite): void {
    this.#newest = write.number;
    this.acknowledged.splice(0, write.number === 1 ? Number.POSITIVE_INFINITY : 0);
    this.#open?.storage.write(write);
  }

  async settle(): Promise<void> {
    while (this.acknowledged.at(-1) !== this.#newest) await delay(1);
  }

  crash(): Promise<Durable> {
    return this.start();
  }

  async close(): Promise<void> {
    await this.#open?.storage.close();
  }
}
