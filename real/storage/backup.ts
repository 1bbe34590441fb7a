import { readdirSync } from "node:fs";
import { makeFolder } from "../folder.ts";
import { replaceFile } from "../text-file.ts";
import { KeyFile } from "./key-file.ts";
import { RecordTable } from "./record-table.ts";
import type { SealedRecord } from "./sealed-record.ts";

const title = "simswarm backup 2";
/** Of a backup that has all there was in one record. */
const olderTitle = "simswarm backup 1";

interface Header {
  /** Of the record that is kept. */
  readonly sequence: number;
  readonly keys: string;
  /** The bytes of each of its parts, and at last its own. */
  readonly sizes: readonly number[];
}

/**
 * A backup: a title, the keys (locked as the folder's are), and one record of all there was, which
 * comes behind its parts.
 */
export function archiveOf(
  keys: KeyFile,
  sequence: number,
  records: readonly SealedRecord[],
): Uint8Array[] {
  const sizes = records.map(({ bytes }) => bytes.length);
  const header: Header = { sequence, keys: keys.text, sizes };
  const head = Buffer.from(`${title}\n${JSON.stringify(header)}\n`);
  return [head, ...records.map(({ bytes }) => bytes)];
}

/**
 * Makes a node's storage of a backup, in a folder that is empty or not there. The node has to go
 * on alone: it no longer knows what it has promised to others. Throws an `Error` that names what is
 * wrong and what to do.
 */
export async function restore(folder: string, archive: Uint8Array): Promise<void> {
  const { keys, records } = parse(archive);
  makeFolder(folder, 0o700);
  if (readdirSync(folder).length > 0) {
    throw new Error(
      `${folder} is not empty: restore into a new folder, or move what is there away`,
    );
  }
  const table = await RecordTable.open(folder, true);
  try {
    for (const put of records) await table.carryOut({ put, dropBelow: null });
    replaceFile(KeyFile.path(folder), keys);
  } finally {
    await table.close();
  }
}

function parse(archive: Uint8Array): { keys: string; records: SealedRecord[] } {
  const bytes = Buffer.from(archive.buffer, archive.byteOffset, archive.length);
  const [titleEnd, headerEnd] = [bytes.indexOf("\n"), bytes.indexOf("\n", title.length + 1)];
  const found = bytes.subarray(0, titleEnd).toString();
  if ((found !== title && found !== olderTitle) || headerEnd < 0) {
    throw new Error("this file is no backup of simswarm, or one of a newer version");
  }
  const header = JSON.parse(bytes.subarray(titleEnd + 1, headerEnd).toString()) as Header;
  KeyFile.parse(header.keys, "the backup");
  const rest = bytes.subarray(headerEnd + 1);
  const sizes = found === title ? header.sizes : [rest.length];
  return { keys: header.keys, records: recordsIn(rest, header.sequence, sizes) };
}

function recordsIn(bytes: Buffer, sequence: number, sizes: readonly number[]): SealedRecord[] {
  let at = 0;
  return sizes.map((size, index) => {
    const part = index + 1 === sizes.length ? 0 : index + 1;
    at += size;
    return { sequence, part, bytes: bytes.subarray(at - size, at) };
  });
}
