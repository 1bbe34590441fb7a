import { readFileSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";
import { replaceFile } from "../replace-file.ts";
import { newKey, seal, unseal } from "./cipher.ts";
import { parseUnlockKey } from "./unlock-key.ts";

/** Of the whole folder. A newer one is refused; an older one would be brought up to date here. */
const version = 1;
/** What a key is sealed for: a sealed key opens nothing else. */
const place = "data key";

const schema = z.object({
  version: z.number().int(),
  nodeId: z.string(),
  clusterId: z.string().nullable(),
  /** True: the keys are sealed under the unlock key. */
  isLocked: z.boolean(),
  /** In base 64; the last one is what is written with. */
  keys: z.array(z.object({ id: z.number().int(), key: z.string() })).min(1),
});
type Content = z.infer<typeof schema>;

/** Whose data it is. */
export interface Owner {
  readonly nodeId: string;
  /** Null: not known yet. */
  readonly clusterId: string | null;
}

export interface DataKey {
  readonly id: number;
  readonly key: Uint8Array;
}

/** A folder's keys, and whose it is, in a file of their own that is readable without a key. */
export class KeyFile {
  readonly #path: string;
  #content: Content;
  #unlockKey: Uint8Array | null;
  #keys: readonly DataKey[];

  private constructor(path: string, content: Content, unlockKey: Uint8Array | null) {
    this.#path = path;
    this.#content = content;
    this.#unlockKey = content.isLocked ? unlockKey : null;
    this.#keys = content.keys.map(({ id, key }) => ({ id, key: this.#opened(key) }));
  }

  /** Null when the folder has none. Throws an `Error` that names what is wrong and what to do. */
  static read(folder: string, owner: Owner, unlockKey: string | null): KeyFile | null {
    const path = KeyFile.path(folder);
    const text = textOf(path);
    if (text === null) return null;
    const content = KeyFile.parse(text, path);
    checkOwner(content, owner, folder);
    const key = unlockKey === null ? null : parseUnlockKey(unlockKey);
    const file = new KeyFile(path, content, key);
    if (content.clusterId === null && owner.clusterId !== null) {
      file.#write({ ...content, clusterId: owner.clusterId });
    }
    return file;
  }

  /** The keys of a folder that is new, not written yet. */
  static fresh(folder: string, { nodeId, clusterId }: Owner): KeyFile {
    const keys = [{ id: 1, key: Buffer.from(newKey()).toString("base64") }];
    const content = { version, nodeId, clusterId, isLocked: false, keys };
    return new KeyFile(KeyFile.path(folder), content, null);
  }

  static path(folder: string): string {
    return join(folder, "keys.json");
  }

  /** Throws when the text says nothing that this version knows. */
  static parse(text: string, path: string): Content {
    const found = z.object({ version: z.number() }).safeParse(jsonOf(text));
    if (found.success && found.data.version > version) {
      throw new Error(
        `${path} was written by a newer version (format ${found.data.version}; this one reads ` +
          `${version}): start the version that wrote it`,
      );
    }
    const content = schema.safeParse(jsonOf(text));
    if (content.success) return content.data;
    throw new Error(
      `${path} is damaged: without it nothing here can be read. Restore it from a backup, or ` +
        "remove this node from the cluster, delete its state and let it join again",
    );
  }

  get text(): string {
    return `${JSON.stringify(this.#content, null, 2)}\n`;
  }

  get current(): DataKey {
    return this.#keys[this.#keys.length - 1] as DataKey;
  }

  /** True while something may still be written with an older key. */
  get isRotating(): boolean {
    return this.#keys.length > 1;
  }

  get isLocked(): boolean {
    return this.#content.isLocked;
  }

  keyOf(id: number): Uint8Array | null {
    return this.#keys.find((known) => known.id === id)?.key ?? null;
  }

  save(): void {
    this.#write(this.#content);
  }

  /** A new key to write with; the older ones are kept to read with. */
  add(): void {
    this.#keys = [...this.#keys, { id: this.current.id + 1, key: newKey() }];
    this.save();
  }

  /** Nothing is written with an older key any more. */
  retire(): void {
    this.#keys = [this.current];
    this.save();
  }

  /** From now on the data opens with this unlock key only; null: with none. */
  lock(unlockKey: string | null): void {
    this.#unlockKey = unlockKey === null ? null : parseUnlockKey(unlockKey);
    this.#write({ ...this.#content, isLocked: unlockKey !== null });
  }

  #write(content: Content): void {
    const keys = this.#keys.map(({ id, key }) => ({ id, key: this.#closed(key) }));
    this.#content = { ...content, keys };
    replaceFile(this.#path, this.text);
  }

  #closed(key: Uint8Array): string {
    const sealed = this.#unlockKey === null ? key : seal(this.#unlockKey, key, place);
    return Buffer.from(sealed).toString("base64");
  }

  #opened(text: string): Uint8Array {
    const bytes = Buffer.from(text, "base64");
    if (!this.#content.isLocked) return bytes;
    if (this.#unlockKey === null) {
      throw new Error(
        "this manager is locked: its data is encrypted. Give its unlock key with --unlock-key; " +
          "`swarmctl cluster unlock-key` prints it on a manager that is not locked",
      );
    }
    const key = unseal(this.#unlockKey, bytes, place);
    if (key !== null) return key;
    throw new Error(
      "invalid key: this unlock key does not open the data of this node. It may be an older one: " +
        "`swarmctl cluster unlock-key` prints the key of now on a manager that is not locked",
    );
  }
}

function checkOwner({ nodeId, clusterId }: Content, owner: Owner, folder: string): void {
  const otherwise = "choose another --state-dir, or delete this one if it is not needed any more";
  if (nodeId !== owner.nodeId) {
    throw new Error(`${folder} is of node ${nodeId}, not of ${owner.nodeId}: ${otherwise}`);
  }
  if (clusterId === null || owner.clusterId === null || clusterId === owner.clusterId) return;
  throw new Error(`${folder} is of cluster ${clusterId}, not of ${owner.clusterId}: ${otherwise}`);
}

function textOf(path: string): string | null {
  try {
    return readFileSync(path, "utf8");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return null;
    throw error;
  }
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
