import { setTimeout as delay } from "node:timers/promises";
import type { RaftWrite } from "../../core/raft/contract.ts";
import { type OpenStorage, openStorage } from "../../real/storage/open-storage.ts";
import { cloneCodec } from "./clone-codec.ts";

/** A node's storage in a folder, which is opened and written to again and again. */
export class NodeDisk {
  folder: string;
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
    const payload = { size: bytes, text: "x".repeat(bytes) };
    this.begin({ entries: [{ index, term: 1, kind: "payload", payload }] });
    await this.safe();
  }

  /** Begins a write, and waits for nothing. */
  begin(part: Partial<RaftWrite>): void {
    this.#written += 1;
    const number = this.#written;
    const raft = {
      id: number,
      hardState: null,
      snapshot: null,
      entries: [],
      compactTo: 0,
      ...part,
    };
    const beside = { tasks: new Map(), standing: null };
    this.#open?.storage.write({ number, wipesRaft: false, raft: [raft], ...beside });
  }

  /** Once all that was begun is safe, or never will be. */
  async safe(): Promise<void> {
    while (this.acknowledged < this.#written && this.failures.length === 0) await delay(1);
  }
}
