import { cpSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import type { Durable, StorageWrite } from "../../core/node/durable.ts";
import { type OpenStorage, openStorage } from "../../real/storage/open-storage.ts";
import { jsonCodec } from "../support/json-codec.ts";
import type { StorageHarness, StorageRig } from "./storage-suite.ts";

let root = "";
let count = 0;

/** A disk of this machine. A crash leaves what a killed process leaves: its files as they are. */
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
  #folder = "";
  #open: OpenStorage | null = null;

  async start(): Promise<Durable> {
    const folder = this.#nextFolder();
    if (this.#folder !== "") cpSync(this.#folder, folder, { recursive: true });
    await this.#open?.storage.close();
    this.#folder = folder;
    this.#open = await openStorage({
      folder,
      owner: { nodeId: "n1", clusterId: null },
      codec: jsonCodec,
      unlockKey: null,
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

  #nextFolder(): string {
    count += 1;
    return join(root, String(count));
  }
}
