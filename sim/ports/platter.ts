import type { Planted } from "../../core/base/planted.ts";
import type { Random } from "../../core/base/random.ts";
import { DiskImage } from "../../core/node/disk-image.ts";
import { type Durable, nothingDurable, type StorageWrite } from "../../core/node/durable.ts";
import { type NodePayload, storageWrite, walWrite } from "../../core/node/wal-write.ts";
import type { Entry, Payload } from "../../core/raft/message.ts";
import { recordOf, recover } from "../../core/wal/log.ts";
import type { PayloadCodec, WalWrite } from "../../core/wal/record.ts";
import { trustDamage } from "./planted-disk.ts";

/** What a machine found on its disk when it started. */
export type Boot =
  | { readonly kind: "recovered"; readonly durable: Durable }
  | { readonly kind: "refused"; readonly reason: string };

/**
 * What may go wrong with what is safe: a bit turns; a record is written over another one; or the
 * disk is sound, and only the first read of it is wrong.
 */
export type Damage = "bit" | "misdirected" | "read";

/**
 * The bytes that a crash leaves on a disk, in the format of the daemon. What was safe long before
 * is not written out again, unless a bit of it is to be wrong.
 */
export class Platter {
  readonly #random: Random;
  readonly #planted: Planted;
  /** What was safe before the first of the records; null until a crash. */
  #base: Durable | null = null;
  #bytes: Uint8Array<ArrayBuffer> = new Uint8Array(0);
  #objects = new ObjectCodec();
  /** What the first lost write would have been. Only R32, which trusts part of it, looks at it. */
  #lost: StorageWrite | null = null;
  #damage: Damage | null = null;
  /** The bit that the next read gets wrong; null: none. */
  #wrongBit: number | null = null;
  /** True once something is wrong with what is safe, or the next read of it is. */
  isCorrupt = false;
  /** True once something is wrong with what is safe, for good. */
  isDamaged = false;
  /** True when the last start found the rest of a torn write. */
  foundTorn = false;

  constructor(random: Random, planted: Planted) {
    this.#random = random;
    this.#planted = planted;
  }

  /** After the next crash it is damaged so. */
  damage(damage: Damage): void {
    this.#damage = damage;
  }

  /** From now on it is read as it is. */
  readRight(): void {
    this.#wrongBit = null;
    if (this.#damage === "read") this.#damage = null;
  }

  get isDoomed(): boolean {
    return this.isDamaged || (this.#damage !== null && this.#damage !== "read");
  }

  /** Nothing is on it any more, and nothing is wrong with it. */
  forget(): void {
    this.#base = null;
    this.#bytes = new Uint8Array(0);
    this.#damage = null;
    this.#wrongBit = null;
    this.isCorrupt = false;
    this.isDamaged = false;
  }

  /** A crash: `kept` came through behind the image, and of `lost` perhaps a part. */
  leave(image: DiskImage, kept: readonly StorageWrite[], lost: StorageWrite | null): void {
    this.#objects = new ObjectCodec();
    const safe = image.load();
    const writes = kept.map(walWrite);
    const damage = this.#damage;
    if (damage !== null) writes.unshift(...checkpoint(safe));
    this.#base = damage === null ? safe : nothingDurable;
    const records = writes.map((write, at) => recordOf(at + 1, write, this.#objects));
    const sizes = records.map((record) => record.length);
    if (lost !== null) {
      const record = recordOf(records.length + 1, walWrite(lost), this.#objects);
      records.push(record.slice(0, this.#random.below(record.length)));
    }
    this.#bytes = joined(records);
    if (damage !== null) this.#spoil(damage, sizes.slice(0, -1));
    this.#lost = lost;
    this.#damage = null;
  }

  /** What a start finds on the disk; null when no crash has touched it. */
  read(): Boot | null {
    this.foundTorn = false;
    if (this.#base === null) return null;
    const bytes = trustDamage(this.#planted, this.#asRead());
    const found = recover([bytes], this.#objects, 1);
    if (found.kind === "refused") return found;
    this.isCorrupt = false;
    this.foundTorn = found.torn > 0;
    const image = DiskImage.of(this.#base);
    for (const [at, write] of found.writes.entries()) image.apply(storageWrite(at + 1, write));
    if (this.#planted === "R32") trustSnapshot(image, this.#lost);
    this.#base = null;
    return { kind: "recovered", durable: image.load() };
  }

  /** The bytes as they are read this time. */
  #asRead(): Uint8Array<ArrayBuffer> {
    const bit = this.#wrongBit;
    this.#wrongBit = null;
    return bit === null ? this.#bytes : flipped(this.#bytes, bit);
  }

  /** `sizes` are those of the records that others follow: damage to the last looks like a crash. */
  #spoil(damage: Damage, sizes: readonly number[]): void {
    const end = sizes.reduce((sum, size) => sum + size, 0);
    if (end === 0) return;
    this.isCorrupt = true;
    this.isDamaged ||= damage !== "read";
    if (damage === "misdirected" && sizes.length > 1) return this.#misdirect(sizes, end);
    const bit = this.#random.below(end * 8);
    if (damage === "read") this.#wrongBit = bit;
    else this.#bytes = flipped(this.#bytes, bit);
  }

  /** One record is written where another one is. */
  #misdirect(sizes: readonly number[], end: number): void {
    const [from, to] = this.#random.shuffled(sizes.map((_, at) => at)) as [number, number];
    const startOf = (record: number) => sizes.slice(0, record).reduce((sum, size) => sum + size, 0);
    const size = Math.min(sizes[from] as number, end - startOf(to));
    this.#bytes.copyWithin(startOf(to), startOf(from), startOf(from) + size);
  }
}

function flipped(bytes: Uint8Array, bit: number): Uint8Array<ArrayBuffer> {
  const copy = Uint8Array.from(bytes);
  const byte = bit >> 3;
  copy[byte] = (copy[byte] as number) ^ (1 << (bit & 7));
  return copy;
}

/** R32: a snapshot counts as written though the rest of its record is missing. */
function trustSnapshot(image: DiskImage, lost: StorageWrite | null): void {
  for (const { snapshot } of lost?.raft ?? []) {
    if (snapshot === null) continue;
    image.raft.apply({ id: 0, hardState: null, snapshot, entries: [], compactTo: 0 });
  }
}

/** All that is safe as writes of its own, one for each entry. */
function checkpoint({ hardState, snapshot, entries, tasks, standing }: Durable): WalWrite[] {
  const nothing = { id: 0, hardState: null, snapshot: null, entries: [], compactTo: 0 };
  const attached: NodePayload = { size: tasks.size, tasks, standing };
  const parts = [{ ...nothing, hardState, snapshot }];
  const single = (entry: Entry) => [{ ...nothing, entries: [entry] }];
  return [
    { wipesRaft: false, raft: parts, attached: null },
    ...entries.map((entry) => ({ wipesRaft: false, raft: single(entry), attached: null })),
    { wipesRaft: false, raft: [], attached },
  ];
}

function joined(parts: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  const all = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    all.set(part, at);
    at += part.length;
  }
  return all;
}

/** On the simulated disk a payload is a number, under which the object itself is kept. */
class ObjectCodec implements PayloadCodec {
  readonly #objects: Payload[] = [];

  encode(payload: Payload): Uint8Array {
    this.#objects.push(payload);
    const number = this.#objects.length - 1;
    return Uint8Array.from([0, 8, 16, 24], (shift) => (number >>> shift) & 0xff);
  }

  decode(bytes: Uint8Array): Payload | null {
    if (bytes.length !== 4) return null;
    const number = new DataView(bytes.buffer, bytes.byteOffset, 4).getUint32(0, true);
    return this.#objects[number] ?? null;
  }
}
