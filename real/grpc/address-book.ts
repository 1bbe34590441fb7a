import { readFileSync } from "node:fs";
import { replaceFile } from "../text-file.ts";

/** More nodes than any cluster has: of those that are no managers, the one met first gives way. */
const most = 10_000;

/**
 * Where nodes are reached, as they have said themselves or as a manager has said of other managers.
 * Those of managers are kept in a file, so that a node finds its cluster again after a restart.
 */
export class AddressBook {
  readonly #file: string | null;
  readonly #addresses = new Map<string, string>();
  readonly #managers = new Map<string, string>();

  /** Without a file nothing outlives the process. */
  constructor(file: string | null) {
    this.#file = file;
    for (const [id, address] of file === null ? [] : read(file)) this.learn(id, address, true);
  }

  /** By node id. */
  get managers(): ReadonlyMap<string, string> {
    return this.#managers;
  }

  /** Host and port; undefined when the node is not known. */
  addressOf(id: string): string | undefined {
    return this.#addresses.get(id);
  }

  /** True when it is news. */
  learn(id: string, address: string, isManager: boolean): boolean {
    if (address === "" || !(this.#addresses.has(id) || this.#hasRoom())) return false;
    this.#addresses.set(id, address);
    if (!isManager || this.#managers.get(id) === address) return false;
    this.#managers.set(id, address);
    return true;
  }

  #hasRoom(): boolean {
    if (this.#addresses.size < most) return true;
    for (const id of this.#addresses.keys()) {
      if (!this.#managers.has(id)) return this.#addresses.delete(id);
    }
    return false;
  }

  /** Brings the file up to date. Throws with what is wrong. */
  save(): void {
    if (this.#file === null) return;
    replaceFile(this.#file, `${JSON.stringify(Object.fromEntries(this.#managers), null, 2)}\n`);
  }
}

function read(file: string): [string, string][] {
  try {
    const found: unknown = JSON.parse(readFileSync(file, "utf8"));
    if (typeof found !== "object" || found === null) return [];
    return Object.entries(found).filter(([, address]) => typeof address === "string");
  } catch {
    return [];
  }
}
