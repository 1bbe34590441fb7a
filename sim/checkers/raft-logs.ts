import type { StorageWrite } from "../../core/node/durable.ts";
import type { Entry } from "../../core/raft/message.ts";
import { digestOf } from "../digest.ts";
import { ChainLog } from "./chain-log.ts";
import { BrokenInvariant, type Checker, type RaftHost } from "./checker.ts";

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
  /** The numbers of the hosts on whose disks a log was ever written, ascending. */
  readonly withLogs: number[] = [];
  /** The chain hash of the committed log at each index. */
  readonly committedHashes = new Map<number, number>();
  /** By host number: where the newest write cut the front of the log off; 0 when it did not. */
  readonly #cuts: number[] = [];
  #lastCommitted = 0;
  #incarnation = 0;
  /** By term: the last index that was first applied by a member in that term. */
  readonly #lastByTerm = new Map<number, number>();
  readonly #hosts: readonly { readonly name: string }[];
  /** By index, then term: an index and a term stand for one and the same prefix everywhere. */
  readonly #hashes = new Map<number, Map<number, number>>();
  readonly #identities = new WeakMap<object, number>();
  #lastIdentity = 0;

  constructor(hosts: readonly { readonly name: string }[]) {
    this.#hosts = hosts;
    this.volatile = hosts.map(() => new ChainLog());
    this.durableLogs = hosts.map(() => new ChainLog());
    this.committedHashes.set(0, 0);
  }

  /** The last index that anyone has applied. */
  get lastCommitted(): number {
    return this.#lastCommitted;
  }

  wrote(host: RaftHost, write: StorageWrite): void {
    const log = this.volatile[host.number] as ChainLog;
    if (write.wipesRaft) this.#wipe(host, log, write);
    this.#cutFront(host, log, write);
    this.#take(log, write, (entry) => {
      this.checks += 1;
      const hash = log.put(entry, this.#identity(entry));
      if (hash === undefined) this.#broken(host, `entry ${entry.index} leaves a hole in the log`);
      else this.#match(host, entry, hash);
    });
  }

  durable(host: RaftHost, write: StorageWrite): void {
    const log = this.durableLogs[host.number] as ChainLog;
    if (write.raft.length > 0) this.#noteLog(host.number);
    if (write.wipesRaft) log.restart(0, 0);
    this.#take(log, write, (entry) => void log.put(entry, this.#identity(entry)));
    for (const { compactTo } of write.raft) if (compactTo > 0) log.dropBefore(compactTo - 1);
  }

  #noteLog(host: number): void {
    if (this.withLogs.includes(host)) return;
    this.withLogs.push(host);
    this.withLogs.sort((left, right) => left - right);
  }

  /** A wipe that leaves a snapshot is a manager that goes on alone, with all that its log held. */
  #wipe(host: RaftHost, log: ChainLog, { raft }: StorageWrite): void {
    const snapshot = raft.find((part) => part.snapshot !== null)?.snapshot;
    if (snapshot) this.#restart(snapshot.index, log.at(snapshot.index) ?? 0, host.incarnation);
    log.restart(0, 0);
    this.#cuts[host.number] = 0;
  }

  #restart(index: number, hash: number, incarnation: number): void {
    this.#incarnation = incarnation;
    for (const later of this.committedHashes.keys()) {
      if (later > index) this.committedHashes.delete(later);
    }
    this.committedHashes.set(index, hash);
    this.#lastCommitted = index;
    for (const [term, last] of this.#lastByTerm) {
      this.#lastByTerm.set(term, Math.min(last, index));
    }
  }

  /** True for a member of a cluster that somebody has left to go on alone. */
  isSuperseded(host: RaftHost): boolean {
    return host.incarnation < this.#incarnation;
  }

  crashed(host: RaftHost): void {
    const log = this.volatile[host.number] as ChainLog;
    log.copyFrom(this.durableLogs[host.number] as ChainLog);
    this.#cuts[host.number] = 0;
  }

  /**
   * The hash under which `index` was first applied, set by the first who applies it. That member is
   * in `term`, so the entry was committed in that term or before.
   */
  commit(index: number, hash: number, term: number): number {
    const known = this.committedHashes.get(index);
    if (known !== undefined) return known;
    this.#lastByTerm.set(term, Math.max(this.#lastByTerm.get(term) ?? 0, index));
    this.#lastCommitted = Math.max(this.#lastCommitted, index);
    this.committedHashes.set(index, hash);
    this.committedHashes.delete(index - remembered);
    return hash;
  }

  /** The last index that is known to have been committed before `term` began. */
  lastCommittedBefore(term: number): number {
    let last = 0;
    for (const [earlier, index] of this.#lastByTerm) {
      if (earlier < term) last = Math.max(last, index);
    }
    return last;
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
  #cutFront(host: RaftHost, log: ChainLog, write: StorageWrite): void {
    const cut = this.#cuts[host.number] ?? 0;
    if (cut > 0) log.dropBefore(cut - 1);
    this.#cuts[host.number] = write.raft.reduce((last, { compactTo }) => compactTo || last, 0);
  }

  #match(host: RaftHost, entry: Entry, hash: number): void {
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

  /**
   * A number for what an entry carries. A payload is the same object everywhere; a change of
   * membership may have been read back from a disk, so what it says counts.
   */
  #identity(entry: Entry): number {
    if (entry.kind === "empty") return 1;
    if (entry.kind === "config") return Number.parseInt(digestOf(entry.change).slice(0, 12), 16);
    let identity = this.#identities.get(entry.payload);
    if (identity === undefined) {
      this.#lastIdentity += 1;
      identity = this.#lastIdentity + 1;
      this.#identities.set(entry.payload, identity);
    }
    return identity;
  }

  #broken(host: RaftHost, detail: string): never {
    throw new BrokenInvariant(this.name, this.#hosts[host.number]?.name ?? null, detail);
  }
}
