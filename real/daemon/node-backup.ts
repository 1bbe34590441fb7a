import { createHash, type Hash } from "node:crypto";
import { dirname, join } from "node:path";
import { setImmediate } from "node:timers/promises";
import { z } from "zod";
import { parsedJson } from "../../core/base/json.ts";
import { makeFolder } from "../folder.ts";
import { restore } from "../storage/backup.ts";
import { replaceFile, textIn } from "../text-file.ts";
import { StateDir } from "./state-dir.ts";

const title = "swarmd backup 1";
const stateFile = "state.json";
/** What a node is beside its storage. The TLS key is sealed in its file as the storage is. */
const files = [
  stateFile,
  "managers.json",
  "certificates/swarm-node.pem",
  "certificates/swarm-root-ca.crt",
] as const;

const header = z.object({
  files: z.partialRecord(z.enum(files), z.string()),
  /** Over `files`, as JSON, and the rest; older backups have none. */
  sha256: z.string().optional(),
});

/**
 * A manager as the bytes of one file: a title, its small files, and its storage's own backup. To be
 * called right after that was made: a lock that changes in between leaves what `IdentityFiles.read`
 * can mend.
 */
export async function nodeArchive(
  dir: StateDir,
  storage: readonly Uint8Array[],
): Promise<Uint8Array[]> {
  const found = files.flatMap((name) => {
    const text = textIn(join(dir.path, name));
    return text === null ? [] : [[name, text]];
  });
  const texts = Object.fromEntries(found);
  const digest = begunDigest(texts);
  for (const bytes of storage) {
    digest.update(bytes);
    await setImmediate();
  }
  const head = JSON.stringify({ files: texts, sha256: digest.digest("base64") });
  return [Buffer.from(`${title}\n${head}\n`), ...storage];
}

/**
 * Makes a state directory of a manager's backup. The node that starts with it goes on alone.
 * Rejects with what is wrong and what to do.
 */
export async function restoreNode(path: string, archive: Uint8Array): Promise<void> {
  const { texts, storage } = parse(Buffer.from(archive.buffer, archive.byteOffset, archive.length));
  const dir = new StateDir(path);
  if (dir.kept.kind === "member") {
    throw new Error(`${path} is a node's already: restore into another --state-dir`);
  }
  await restore(dir.store, storage);
  for (const [name, text] of Object.entries(texts)) {
    if (name === stateFile) continue;
    makeFolder(dirname(join(path, name)), 0o700);
    replaceFile(join(path, name), text);
  }
  const state = parsedJson(texts[stateFile] ?? "") as object;
  const restored = { ...state, isRestored: true, engine: null };
  replaceFile(join(path, stateFile), JSON.stringify(restored, null, 2));
}

function parse(bytes: Buffer) {
  if (bytes.subarray(0, title.length + 1).toString() !== `${title}\n`) {
    throw new Error("this file is no backup of 'swarmctl cluster backup', or of a newer version");
  }
  const headEnd = bytes.indexOf("\n", title.length + 1);
  const head = header.safeParse(parsedJson(bytes.subarray(title.length + 1, headEnd).toString()));
  const storage = bytes.subarray(headEnd + 1);
  if (headEnd < 0 || !head.success || !isWhole(head.data, storage)) {
    const what = "take another copy of it, or an older backup";
    throw new Error(`the backup is damaged or cut off: ${what}`);
  }
  return { texts: head.data.files, storage };
}

function isWhole({ files: texts, sha256 }: z.infer<typeof header>, storage: Uint8Array): boolean {
  return sha256 === undefined || sha256 === begunDigest(texts).update(storage).digest("base64");
}

/** The storage's own bytes follow. */
function begunDigest(texts: object): Hash {
  return createHash("sha256").update(JSON.stringify(texts));
}
