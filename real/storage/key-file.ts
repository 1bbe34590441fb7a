import { join } from "node:path";
import { z } from "zod";
import type { ManagerLock } from "../../core/model/manager-lock.ts";
import { jsonOf, replaceFile, textIn } from "../text-file.ts";
import { newKey, seal, unseal } from "./cipher.ts";
import { parseUnlockKey, unlockKeyText } from "./unlock-key.ts";

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
  /** In base 64: what seals the node's TLS key while the folder is locked. */
  identityKey: z.string().nullable().default(null),
  /** Of the newest lock that the node was told; 0: of none. */
  lockVersion: z.number().int().default(0),
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
  #identityKey: Uint8Array;

  private constructor(path: string, content: Content, unlockKey: Uint8Array | null) {
    this.#path = path;
    this.#content = content;
    this.#unlockKey = content.isLocked ? unlockKey : null;
    this.#keys = content.keys.map(({ id, key }) => ({ id, key: this.#opened(key) }));
    const { identityKey } = content;
    this.#identityKey = identityKey === null ? newKey() : this.#opened(identityKey);
  }

  /** Null when the folder has none. Throws an `Error` that names what is wrong and what to do. */
  static read(folder: string, owner: Owner, unlockKey: string | null): KeyFile | null {
    const content = contentOf(folder, owner);
    if (content === null) return null;
    const key = unlockKey === null ? null : parseUnlockKey(unlockKey);
    const file = new KeyFile(KeyFile.path(folder), content, key);
    const clusterId = content.clusterId ?? owner.clusterId;
    if (clusterId !== content.clusterId || content.identityKey === null) {
      file.#write({ ...content, clusterId });
    }
    return file;
  }

  /** True when the folder opens with an unlock key only. Throws as `read` does. */
  static isLocked(folder: string, owner: Owner): boolean {
    return contentOf(folder, owner)?.isLocked ?? false;
  }

  /** The keys of a folder that is new, not written yet. */
  static fresh(folder: string, { nodeId, clusterId }: Owner): KeyFile {
    const [key, identityKey] = [newKey(), newKey()].map(base64) as [string, string];
    const keys = [{ id: 1, key }];
    const lock = { isLocked: false, lockVersion: 0 };
    const content = { version, nodeId, clusterId, ...lock, keys, identityKey };
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

  /** What the folder opens with. */
  get lock(): ManagerLock {
    const { lockVersion } = this.#content;
    const key = this.#unlockKey === null ? null : unlockKeyText(this.#unlockKey);
    return { key, version: lockVersion };
  }

  /** What the node's TLS key is sealed under while the folder is locked; null: it is not. */
  get identityKey(): Uint8Array | null {
    return this.#unlockKey === null ? null : this.#identityKey;
  }

  keyOf(id: number): Uint8Array | null {
    return this.#keys.find((known) => known.id === id)?.key ?? null;
  }

  save(): void {
    this.#write(this.#content);
  }

  /** A new key to write with; the older ones are kept to read with. */
  add(): void {
    this.#keys = this.#withNewKey();
    this.save();
  }

  /** Nothing is written with an older key any more. */
  retire(): void {
    this.#keys = [this.current];
    this.save();
  }

  /**
   * From now on the data opens with this unlock key only; without one, with none. Keys that could
   * be read until now give way to new ones, in the same step: `isRotating` says so.
   */
  setLock({ key, version: lockVersion }: ManagerLock): void {
    const couldBeRead = this.#unlockKey === null && key !== null;
    this.#unlockKey = key === null ? null : parseUnlockKey(key);
    if (couldBeRead) {
      this.#keys = this.#withNewKey();
      this.#identityKey = newKey();
    }
    this.#write({ ...this.#content, isLocked: key !== null, lockVersion });
  }

  #withNewKey(): readonly DataKey[] {
    return [...this.#keys, { id: this.current.id + 1, key: newKey() }];
  }

  #write(content: Content): void {
    const keys = this.#keys.map(({ id, key }) => ({ id, key: this.#closed(key) }));
    this.#content = { ...content, keys, identityKey: this.#closed(this.#identityKey) };
    replaceFile(this.#path, this.text);
  }

  #closed(key: Uint8Array): string {
    const sealed = this.#unlockKey === null ? key : seal(this.#unlockKey, key, place);
    return base64(sealed);
  }

  #opened(text: string): Uint8Array {
    const bytes = Buffer.from(text, "base64");
    if (!this.#content.isLocked) return bytes;
    if (this.#unlockKey === null) {
      throw new Error(
        "this manager is locked: its data is encrypted. `swarmctl cluster unlock` opens it, and " +
          "so does --unlock-key; `swarmctl cluster unlock-key` shows the key on another manager",
      );
    }
    const key = unseal(this.#unlockKey, bytes, place);
    if (key !== null) return key;
    throw new Error(
      "invalid key: this unlock key does not open the data of this node. `swarmctl cluster " +
        "unlock-key` prints the key of now on another manager; if it was changed while this one " +
        "was down, this one opens with the key from before",
    );
  }
}

function contentOf(folder: string, owner: Owner): Content | null {
  const path = KeyFile.path(folder);
  const text = textIn(path);
  if (text === null) return null;
  const content = KeyFile.parse(text, path);
  checkOwner(content, owner, folder);
  return content;
}

function base64(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString("base64");
}

function checkOwner({ nodeId, clusterId }: Content, owner: Owner, folder: string): void {
  const otherwise = "choose another --state-dir, or delete this one if it is not needed any more";
  if (nodeId !== owner.nodeId) {
    throw new Error(`${folder} is of node ${nodeId}, not of ${owner.nodeId}: ${otherwise}`);
  }
  if (clusterId === null || owner.clusterId === null || clusterId === owner.clusterId) return;
  throw new Error(`${folder} is of cluster ${clusterId}, not of ${owner.clusterId}: ${otherwise}`);
}
