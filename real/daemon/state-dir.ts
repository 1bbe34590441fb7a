import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";
import { newId } from "../../core/base/id.ts";
import { Random } from "../../core/base/random.ts";
import { newestLevel } from "../../core/model/level.ts";
import { entropy } from "../entropy.ts";
import { jsonOf, replaceFile, textIn } from "../text-file.ts";

/**
 * What this version writes is of this feature level, and so is the newest that it reads. It is
 * noted before the node starts, so that no older version ever starts after it.
 */
const formatVersion = newestLevel;

const file = z.object({
  version: z.number().int(),
  nodeId: z.string().regex(/^[0-9a-z]{25}$/),
  /** Null: the node has founded its cluster. */
  joined: z.object({ address: z.string(), manager: z.string().nullable() }).nullable(),
  /** True until a node that was made of a backup leads its cluster. */
  isRestored: z.boolean().default(false),
});

/** Who the node is, and how it came into its cluster. */
export interface NodeState {
  readonly nodeId: string;
  /** The address by which it joins, and the manager that was found there; null: it founds. */
  readonly joined: { readonly address: string; readonly manager: string | null } | null;
  /** It was made of a backup, and has not led its cluster since. */
  readonly isRestored: boolean;
}

/** A node's folder, and the names of what is in it. */
export class StateDir {
  readonly path: string;

  constructor(path: string) {
    this.path = path;
  }

  get certificates(): string {
    return join(this.path, "certificates");
  }

  get store(): string {
    return join(this.path, "store");
  }

  get tasks(): string {
    return join(this.path, "tasks");
  }

  get addresses(): string {
    return join(this.path, "managers.json");
  }

  /** Null in a folder where no node has been. Throws where one has been that is not of ours. */
  read(): NodeState | null {
    const text = textIn(this.#file);
    if (text === null) return null;
    const found = file.safeParse(jsonOf(text));
    if (!found.success)
      throw new Error(`${this.#file} is no file of swarmd: choose another --state-dir`);
    const { version, ...state } = found.data;
    if (version <= formatVersion) return state;
    throw new Error(
      `${this.path} was written by a newer version of swarmd (format ${version}; this one reads ` +
        `${formatVersion}). Start that version.`,
    );
  }

  write(state: NodeState): void {
    mkdirSync(this.path, { recursive: true, mode: 0o700 });
    replaceFile(this.#file, `${JSON.stringify({ version: formatVersion, ...state }, null, 2)}\n`);
  }

  get #file(): string {
    return join(this.path, "state.json");
  }
}

/**
 * The state of a node that starts: what is known of it, or a new one. Until it has joined, it may
 * be told to join elsewhere. Throws where what it is told now is not what it is.
 */
export function stateFor(
  known: NodeState | null,
  joinAddr: string | undefined,
  hasJoined: boolean,
): NodeState {
  const joined = joinAddr === undefined ? null : { address: joinAddr, manager: null };
  if (known === null) {
    return { nodeId: newId(new Random(entropy.seed())), joined, isRestored: false };
  }
  if (joined === null) return known;
  if (known.joined !== null) return hasJoined ? known : { ...known, joined };
  throw new Error(
    "this state directory is of a node that has founded its own cluster: to join another one, " +
      "choose another --state-dir, or delete this one if it is not needed any more",
  );
}
