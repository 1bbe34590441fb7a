import { join } from "node:path";
import { z } from "zod";
import { parsedJson } from "../../core/base/json.ts";
import type { ManagerLock } from "../../core/model/manager-lock.ts";
import { replaceFile, textIn } from "../text-file.ts";
import { newKey, seal, unseal } from "./cipher.ts";
import { parseUnlockKey, unlockKeyText } from "./unlock-key.ts";

/**
 * Of the whole folder. A newer one is refused. What is of version 1 has no checkpoint in parts, and
 * is read as it is.
 */
const version = 2;
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
export interface StorageOwner {
  readonly nodeId: string;
  /** Null: not known yet. */
  readonly clusterId: string | null;
}

export interface DataKey {
  readonly id: number;
  readonly key: Uint8Array;
}

/** The keys as they are used. */
interface Keys {
  /** What the others are sealed under; null: under nothing. */
  readonly unlock: Uint8Array | null;
  /** The last one is what is written with. */
  readonly data: readonly DataKey[];
  readonly identity: Uint8Array;
}

/**
 * A folder's keys, and whose it is, in a file of their own that is readable without a key. No key
 * is used before it is in the file: what could not be written is as it was.
 */
export class KeyFile {
  readonly #path: string;
  #content: Content;
  #keys: Keys;

  private constructor(path: string, content: Content, unlockKey: Uint8Array | null) {
    this.#path = path;
    this.#content = content;
    this.#keys = keysIn(content, unlockKey);
  }

  /** Null when the folder has none. Throws an `Error` that names what is wrong and what to do. */
  static read(folder: string, owner: StorageOwner, unlockKey: string | null): KeyFile | null {
    const content = contentOf(folder, owner);
    if (content === null) return null;
    const key = unlockKey === null ? null : parseUnlockKey(unlockKey);
    const file = new KeyFile(KeyFile.path(folder), content, key);
    const clusterId = content.clusterId ?? owner.clusterId;
    const isOld = content.version < version || content.identityKey === null;
    if (clusterId !== content.clusterId || isOld) {
      file.#write(file.#keys, { clusterId });
    }
    return file;
  }

  /** True when the folder opens with an unlock key only. Throws as `read` does. */
  static isLocked(folder: string, owner: StorageOwner): boolean {
    return contentOf(folder, owner)?.isLocked ?? false;
  }

  /** The keys of a folder that is new, not written yet. */
  static fresh(folder: string, { nodeId, clusterId }: StorageOwner): KeyFile {
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
    const found = z.object({ version: z.number() }).safeParse(parsedJson(text));
    if (found.success && found.data.version > version) {
      throw new Error(
        `${path} was written by a newer version (format ${found.data.version}; this one reads ` +
          `${version}): start the version that wrote it`,
      );
    }
    const content = schema.safeParse(parsedJson(text));
    if (content.success) return content.data;
    throw new Error(
      `${path} is damaged: without it nothing here can be read. Restore it from a backup, or ` +
        "remove this node from the cluster, delete its state and let it join again",
    );
  }

  get text(): string {
    return textOf(this.#content);
  }

  get current(): DataKey {
    return this.#keys.data[this.#keys.data.length - 1] as DataKey;
  }

  /** True while something may still be written with an older key. */
  get isRotating(): boolean {
    return this.#keys.data.length > 1;
  }

  /** What the folder opens with. */
  get lock(): ManagerLock {
    const { unlock } = this.#keys;
    const key = unlock === null ? null : unlockKeyText(unlock);
    return { key, version: this.#content.lockVersion };
  }

  /** What the node's TLS key is sealed under while the folder is locked; null: it is not. */
  get identityKey(): Uint8Array | null {
    return this.#keys.unlock === null ? null : this.#keys.identity;
  }

  keyOf(id: number): Uint8Array | null {
    return this.#keys.data.find((known) => known.id === id)?.key ?? null;
  }

  save(): void {
    this.#write(this.#keys);
  }

  /** Nothing is written with an older key any more. */
  retire(): void {
    this.#write({ ...this.#keys, data: [this.current] });
  }

  /**
   * From now on the data opens with this unlock key only; without one, with none. Keys that could
   * be read until now give way to new ones, in the same step: `isRotating` says so.
   */
  setLock({ key, version: lockVersion }: ManagerLock): void {
    const unlock = key === null ? null : parseUnlockKey(key);
    const couldBeRead = this.#keys.unlock === null && unlock !== null;
    const { current } = this;
    const anew = {
      data: [...this.#keys.data, { id: current.id + 1, key: newKey() }],
      identity: newKey(),
    };
    this.#write({ ...this.#keys, ...(couldBeRead ? anew : {}), unlock }, { lockVersion });
  }

  #write(keys: Keys, change: Partial<Content> = {}): void {
    const closed = (key: Uint8Array) =>
      base64(keys.unlock === null ? key : seal(keys.unlock, key, place));
    const content = {
      ...this.#content,
      ...change,
      version,
      isLocked: keys.unlock !== null,
      keys: keys.data.map(({ id, key }) => ({ id, key: closed(key) })),
      identityKey: closed(keys.identity),
    };
    replaceFile(this.#path, textOf(content));
    this.#content = content;
    this.#keys = keys;
  }
}

function textOf(content: Content): string {
  return `${JSON.stringify(content, null, 2)}\n`;
}

/** Throws where the unlock key is not the one that they are sealed under. */
function keysIn({ isLocked, keys, identityKey }: Content, unlockKey: Uint8Array | null): Keys {
  const unlock = isLocked ? unlockKey : null;
  const opened = (text: string) => {
    const bytes = Buffer.from(text, "base64");
    return isLocked ? openedKey(bytes, unlock) : bytes;
  };
  return {
    unlock,
    data: keys.map(({ id, key }) => ({ id, key: opened(key) })),
    identity: identityKey === null ? newKey() : opened(identityKey),
  };
}

function openedKey(sealed: Uint8Array, unlockKey: Uint8Array | null): Uint8Array {
  if (unlockKey === null) {
    throw new Error(
      "this manager is locked: its data is encrypted. `swarmctl cluster unlock` opens it, and " +
        "so does --unlock-key; `swarmctl cluster unlock-key` shows the key on another manager",
    );
  }
  const key = unseal(unlockKey, sealed, place);
  if (key !== null) return key;
  throw new Error(
    "invalid key: this unlock key does not open the data of this node. `swarmctl cluster " +
      "unlock-key` prints the key of now on another manager; if it was changed while this one " +
      "was down, this one opens with the key from before",
  );
}

function contentOf(folder: string, owner: StorageOwner): Content | null {
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

function checkOwner({ nodeId, clusterId }: Content, owner: StorageOwner, folder: string): void {
  const otherwise = "choose another --state-dir, or delete this one if it is not needed any more";
  if (nodeId !== owner.nodeId) {
    throw new Error(`${folder} is of node ${nodeId}, not of ${owner.nodeId}: ${otherwise}`);
  }
  if (clusterId === null || owner.clusterId === null || clusterId === owner.clusterId) return;
  throw new Error(`${folder} is of cluster ${clusterId}, not of ${owner.clusterId}: ${otherwise}`);
}
