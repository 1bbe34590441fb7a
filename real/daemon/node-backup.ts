import { createHash } from "node:crypto";
import { dirname, join } from "node:path";
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
  /** As `digestOf` makes it of `files` and the rest; older backups have none. */
  sha256: z.string().optional(),
});

/**
 * A manager as one file: a title, its small files, and its storage's own backup. To be called right
 * after that was made: a lock that changes in between leaves what `IdentityFiles.read` can mend.
 */
export function nodeArchive(dir: StateDir, storage: Uint8Array): Uint8Array {
  const found = files.flatMap((name) => {
    const text = textIn(join(dir.path, name));
    return text === null ? [] : [[name, text]];
  });
  const texts = Object.fromEntries(found);
  const head = JSON.stringify({ files: texts, sha256: digestOf(texts, storage) });
  return Buffer.concat([Buffer.from(`${title}\n${head}\n`), storage]);
}

/**
 * Makes a state directory of a manager's backup. The node that starts with it goes on alone.
 * Rejects with what is wrong and what to do.
 */
export async function restoreNode(path: string, archive: Uint8Array): Promise<void> {
  const { texts, storage } = parse(Buffer.from(archive));
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
  return sha256 === undefined || sha256 === digestOf(texts, storage);
}

function digestOf(texts: object, storage: Uint8Array): string {
  return createHash("sha256").update(JSON.stringify(texts)).update(storage).digest("base64");
}
