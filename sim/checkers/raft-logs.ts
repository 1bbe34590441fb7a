import type { StorageWrite } from "../../core/node/durable.ts";
import type { Entry } from "../../core/raft/message.ts";
import type { Host } from "../host.ts";
import { ChainLog } from "./chain-log.ts";
import { BrokenInvariant, type CheckedWorld, type Checker } from "./checker.ts";

/** Hashes of entries and of committed prefixes are kept for this many indexes. */
const remembered = 50_000;

/**
 * What the Raft checkers share: the hash chain of every manager's log, as the node sees it and as
 * its disk holds it, and the chain of what was committed.
 */
export class RaftLogs implements Checker {
  readonly name = "log-matching";
  readonly source = "Raft paper, figure 3: Log Matching";
  checks = 0;
  /** By host number. */
  readonly volatile: ChainLog[];
  readonly durableLogs: ChainLog[];
  /** The chain hash of the committed log at each index. */
  readonly committedHashes = new Map<number, number>();
  /** By host number: where the newest write cut the front of the log off; 0 when it did not. */
  readonly #cuts: number[] = [];
  readonly #world: CheckedWorld;
  /** By index, then term: an index and a term stand for one and the same prefix everywhere. */
  readonly #hashes = new Map<number, Map<number, number>>();
  readonly #identities = new WeakMap<object, number>();
  #lastIdentity = 0;

  constructor(world: CheckedWorld) {
    this.#world = world;
    this.volatile = world.hosts.map(() => new ChainLog());
    this.durableLogs = world.hosts.map(() => new ChainLog());
    this.committedHashes.set(0, 0);
  }

  wrote(host: Host, write: StorageWrite): void {
    const log = this.volatile[host.number] as ChainLog;
    this.#cutFront(host, log, write);
    this.#take(log, write, (entry) => {
      this.checks += 1;
      const hash = log.put(entry, this.#identity(entry));
      if (hash === undefined) this.#broken(host, `entry ${entry.index} leaves a hole in the log`);
      else this.#match(host, entry, hash);
    });
  }

  durable(host: Host, write: StorageWrite): void {
    const log = this.durableLogs[host.number] as ChainLog;
    this.#take(log, write, (entry) => void log.put(entry, this.#identity(entry)));
    for (const { compactTo } of write.raft) if (compactTo > 0) log.dropBefore(compactTo - 1);
  }

  crashed(host: Host): void {
    const log = this.volatile[host.number] as ChainLog;
    log.copyFrom(this.durableLogs[host.number] as ChainLog);
    this.#cuts[host.number] = 0;
  }

  /** The hash under which `index` was first applied, set by the first who applies it. */
  commit(index: number, hash: number): number {
    const known = this.committedHashes.get(index);
    if (known !== undefined) return known;
    this.committedHashes.set(index, hash);
    this.committedHashes.delete(index - remembered);
    return hash;
  }

  /** Carries out on a chain what a write does to a log; `put` takes each of its entries. */
  #take(log: ChainLog, write: StorageWrite, put: (entry: Entry) => void): void {
    for (const { snapshot, entries, compactTo } of write.raft) {
      if (snapshot !== null && compactTo === 0) {
        log.restart(snapshot.index, this.committedHashes.get(snapshot.index) ?? 0);
      }
      for (const entry of entries) put(entry);
    }
  }

  /**
   * A write's cut is carried out at the next one: in the step that asks for it, entries may still
   * be told as applied that are before the cut.
   */
  #cutFront(host: Host, log: ChainLog, write: StorageWrite): void {
    const cut = this.#cuts[host.number] ?? 0;
    if (cut > 0) log.dropBefore(cut - 1);
    this.#cuts[host.number] = write.raft.reduce((last, { compactTo }) => compactTo || last, 0);
  }

  #match(host: Host, entry: Entry, hash: number): void {
    let terms = this.#hashes.get(entry.index);
    if (terms === undefined) {
      terms = new Map();
      this.#hashes.set(entry.index, terms);
      this.#hashes.delete(entry.index - remembered);
    }
    const known = terms.get(entry.term);
    if (known === undefined) terms.set(entry.term, hash);
    else if (known !== hash) {
      this.#broken(host, `entry ${entry.index} of term ${entry.term} follows two different logs`);
    }
  }

  /** A number for what an entry carries: the simulator passes the same object everywhere. */
  #identity(entry: Entry): number {
    if (entry.kind === "empty") return 1;
    const carried = entry.kind === "payload" ? entry.payload : entry.change;
    let identity = this.#identities.get(carried);
    if (identity === undefined) {
      this.#lastIdentity += 1;
      identity = this.#lastIdentity + 1;
      this.#identities.set(carried, identity);
    }
    return identity;
  }

  #broken(host: Host, detail: string): never {
    throw new BrokenInvariant(this.name, this.#world.hosts[host.number]?.name ?? null, detail);
  }
}
