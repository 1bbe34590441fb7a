import { setTimeout as delay } from "node:timers/promises";
import { type OpenStorage, openStorage } from "../../real/storage/open-storage.ts";
import { cloneCodec } from "./clone-codec.ts";

/** A node's storage in a folder, which is opened and written to again and again. */
export class NodeDisk {
  readonly folder: string;
  /** Why it took no more. */
  readonly failures: string[] = [];
  acknowledged = 0;
  #written = 0;
  #open: OpenStorage | null = null;

  constructor(folder: string) {
    this.folder = folder;
  }

  async open(unlockKey: string | null = null): Promise<OpenStorage> {
    this.#written = 0;
    this.acknowledged = 0;
    this.#open = await openStorage({
      folder: this.folder,
      owner: { nodeId: "n1", clusterId: "c1" },
      codec: cloneCodec,
      unlockKey,
      askKey: null,
      acknowledge: (number) => {
        this.acknowledged = number;
      },
      failed: (reason) => this.failures.push(reason),
    });
    return this.#open;
  }

  /** Writes an entry of so many bytes, and waits until it is safe or never will be. */
  async write(index: number, bytes: number): Promise<void> {
    this.#written += 1;
    const payload = { size: bytes, text: "x".repeat(bytes) };
    const entries = [{ index, term: 1, kind: "payload" as const, payload }];
    const raft = { id: this.#written, hardState: null, snapshot: null, entries, compactTo: 0 };
    const beside = { tasks: new Map(), standing: null };
    const number = this.#written;
    this.#open?.storage.write({ number, wipesRaft: false, raft: [raft], ...beside });
    while (this.acknowledged < number && this.failures.length === 0) await delay(1);
  }
}
