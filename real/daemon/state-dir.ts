import { existsSync, rmSync } from "node:fs";
import { join, resolve } from "node:path";
import { z } from "zod";
import { newId } from "../../core/base/id.ts";
import { parsedJson } from "../../core/base/json.ts";
import { Random } from "../../core/base/random.ts";
import { newestLevel } from "../../core/model/level.ts";
import type { Availability } from "../../core/model/node.ts";
import type { Founding } from "../docker-api/map/entering.ts";
import { entropy } from "../entropy.ts";
import { makeFolder } from "../folder.ts";
import { KeyFile } from "../storage/key-file.ts";
import { replaceFile, textIn } from "../text-file.ts";
import { type ProtoMessage, protoMessage } from "../wire/proto.ts";
import { clusterSpec, overlaySettings } from "../wire/store.ts";

/**
 * What this version writes is of this feature level, and so is the newest that it reads. It is
 * noted before the node starts, so that no older version ever starts after it.
 */
const formatVersion = newestLevel;

const clusterMessage = protoMessage(clusterSpec);
const overlaysMessage = protoMessage(overlaySettings);

/** A value as the wire has it, as text. */
function inBase64<T>({ decode }: ProtoMessage<T>) {
  return z.string().transform((text, context) => {
    const found = decode(Buffer.from(text, "base64"));
    if (found.kind === "decoded") return found.value;
    context.addIssue(found.reason);
    return z.NEVER;
  });
}

const engineField = z.string().nullable().default(null);

const memberFile = z.object({
  nodeId: z.string().regex(/^[0-9a-z]{25}$/),
  /** Null: the node has founded its cluster. */
  joined: z.object({ address: z.string(), manager: z.string().nullable() }).nullable(),
  /** True until a node that was made of a backup leads its cluster. */
  isRestored: z.boolean().default(false),
  engine: engineField,
  told: z
    .object({
      listen: z.string(),
      advertise: z.string(),
      availability: z.enum(["active", "pause", "drain"]),
      founding: z
        .object({ cluster: inBase64(clusterMessage), overlays: inBase64(overlaysMessage) })
        .nullable(),
    })
    .nullable()
    .default(null),
});

const leftFile = z.object({
  left: z.object({ nodeId: z.string(), isDone: z.boolean(), engine: engineField }),
});

/** Who the node is, and how it came into its cluster. */
export interface NodeRecord {
  readonly nodeId: string;
  /** The address by which it joins, and the manager that was found there; null: it founds. */
  readonly joined: { readonly address: string; readonly manager: string | null } | null;
  /** What runs its tasks: the address of a Docker engine, or `process`; null: not chosen yet. */
  readonly engine: string | null;
  /** It was made of a backup, and has not led its cluster since. */
  readonly isRestored: boolean;
  /** Null: what its command line says. */
  readonly told: EntryOptions | null;
}

/** What a node was told that was on standby, when it came into its cluster. */
export interface EntryOptions {
  /** Host and port for other nodes. */
  readonly listen: string;
  /** Where others reach it; empty: as it listens. */
  readonly advertise: string;
  readonly availability: Availability;
  /** Of the cluster that it founds; null: it joins one. */
  readonly founding: Founding | null;
}

/** What a node's folder says of it. */
export type Kept =
  /** No node has been there. */
  | { readonly kind: "nothing" }
  | { readonly kind: "member"; readonly state: NodeRecord }
  /** It leaves its cluster, or has done so: then all of it is gone. */
  | ({ readonly kind: "left"; readonly isDone: boolean } & WhoRuns);

/** A node, and what runs its tasks. */
export type WhoRuns = Pick<NodeRecord, "nodeId" | "engine">;

/** A node's folder, and the names of what is in it. */
export class StateDir {
  /** Absolute: what a task runs is in a folder of its own. */
  readonly path: string;

  constructor(path: string) {
    this.path = resolve(path);
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

  /** Throws where a node has been that is not of ours, or of a newer version. */
  get kept(): Kept {
    const text = textIn(this.#file);
    if (text === null) return { kind: "nothing" };
    const json = parsedJson(text);
    const { data } = z.object({ version: z.number().int() }).safeParse(json);
    if (data !== undefined && data.version > formatVersion) {
      throw new Error(
        `${this.path} was written by a newer version of swarmd (format ${data.version}; this one ` +
          `reads ${formatVersion}). Start that version.`,
      );
    }
    const member = memberFile.safeParse(json).data;
    if (data !== undefined && member !== undefined) return { kind: "member", state: member };
    const left = leftFile.safeParse(json).data?.left;
    if (data !== undefined && left !== undefined) return { kind: "left", ...left };
    throw new Error(`${this.#file} is no file of swarmd: choose another --state-dir`);
  }

  /** Null: it is in no cluster. Throws as `kept` does. */
  read(): NodeRecord | null {
    const { kept } = this;
    return kept.kind === "member" ? kept.state : null;
  }

  /** True: there is a store, and nothing says whose it is. */
  get isOrphaned(): boolean {
    return this.kept.kind === "nothing" && existsSync(KeyFile.path(this.store));
  }

  /** Throws where it can't be had. */
  make(): void {
    makeFolder(this.path, 0o700);
  }

  write(state: NodeRecord): void {
    const { told } = state;
    this.#replace({ ...state, told: told === null ? null : { ...told, founding: coded(told) } });
  }

  /** From now on the node is on its way out of its cluster, and never starts in it again. */
  leave({ nodeId, engine }: WhoRuns): void {
    this.#replace({ left: { nodeId, isDone: false, engine } });
  }

  /** Removes all that a node has kept that leaves. */
  empty(nodeId: string): void {
    for (const path of [this.certificates, this.store, this.tasks, this.addresses]) {
      rmSync(path, { recursive: true, force: true, maxRetries: 5, retryDelay: 20 });
    }
    this.#replace({ left: { nodeId, isDone: true } });
  }

  #replace(content: object): void {
    this.make();
    replaceFile(this.#file, `${JSON.stringify({ version: formatVersion, ...content }, null, 2)}\n`);
  }

  get #file(): string {
    return join(this.path, "state.json");
  }
}

function coded({ founding }: EntryOptions): object | null {
  if (founding === null) return null;
  const cluster = clusterMessage.encode(founding.cluster).toString("base64");
  return { cluster, overlays: overlaysMessage.encode(founding.overlays).toString("base64") };
}

/** The state of a node that comes into a cluster. */
export function newState(joinAddr: string | null, told: EntryOptions | null): NodeRecord {
  const joined = joinAddr === null ? null : { address: joinAddr, manager: null };
  const nodeId = newId(new Random(entropy.seed()));
  return { nodeId, joined, isRestored: false, engine: null, told };
}

/**
 * What a member is that starts: until it has joined, it may be told to join elsewhere. Throws where
 * what it is told now is not what it is.
 */
export function stateFor(
  known: NodeRecord,
  joinAddr: string | undefined,
  hasJoined: boolean,
): NodeRecord {
  if (joinAddr === undefined) return known;
  const joined = { address: joinAddr, manager: null };
  if (known.joined !== null) return hasJoined ? known : { ...known, joined };
  throw new Error(
    "this state directory is of a node that has founded its own cluster: to join another one, " +
      "choose another --state-dir, or delete this one if it is not needed any more",
  );
}
