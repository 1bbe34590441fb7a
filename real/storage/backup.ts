import { readdirSync } from "node:fs";
import { makeFolder } from "../folder.ts";
import { replaceFile } from "../text-file.ts";
import { KeyFile } from "./key-file.ts";
import { RecordTable, type SealedRecord } from "./record-table.ts";

const title = "simswarm backup 1";

/** A backup: a title, the keys (locked as the folder's are), and one record of all there was. */
export function archiveOf(keys: KeyFile, { sequence, bytes }: SealedRecord): Uint8Array {
  const header = JSON.stringify({ sequence, keys: keys.text });
  return Buffer.concat([Buffer.from(`${title}\n${header}\n`), bytes]);
}

/**
 * Makes a node's storage of a backup, in a folder that is empty or not there. The node has to go
 * on alone: it no longer knows what it has promised to others. Throws an `Error` that names what is
 * wrong and what to do.
 */
export async function restore(folder: string, archive: Uint8Array): Promise<void> {
  const { sequence, keys, bytes } = parse(archive);
  makeFolder(folder, 0o700);
  if (readdirSync(folder).length > 0) {
    throw new Error(
      `${folder} is not empty: restore into a new folder, or move what is there away`,
    );
  }
  const table = await RecordTable.open(folder);
  try {
    await table.carryOut({ put: { sequence, bytes }, drop: null });
    replaceFile(KeyFile.path(folder), keys);
  } finally {
    await table.close();
  }
}

function parse(archive: Uint8Array): SealedRecord & { readonly keys: string } {
  const bytes = Buffer.from(archive);
  const [titleEnd, headerEnd] = [bytes.indexOf("\n"), bytes.indexOf("\n", title.length + 1)];
  if (bytes.subarray(0, titleEnd).toString() !== title || headerEnd < 0) {
    throw new Error("this file is no backup of simswarm, or one of a newer version");
  }
  const header = JSON.parse(bytes.subarray(titleEnd + 1, headerEnd).toString()) as {
    sequence: number;
    keys: string;
  };
  KeyFile.parse(header.keys, "the backup");
  return { ...header, bytes: bytes.subarray(headerEnd + 1) };
}
