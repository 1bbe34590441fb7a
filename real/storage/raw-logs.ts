import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { encode, sequenceAt } from "../../core/wal/frame.ts";

/** LevelDB's log comes in blocks, which begin with a header of their own. */
const blockBytes = 32 * 1024;
const blockHeaderBytes = 7;
/** What every record begins with. */
const magic = encode(1, new Uint8Array(0)).subarray(0, 4);

/**
 * The highest number of a record that LevelDB's logs hold, read without LevelDB, which at its start
 * leaves out without a word what is damaged at their end. 0: they hold none.
 */
export function newestInLogs(folder: string): number {
  return logsIn(folder).reduce((newest, path) => Math.max(newest, newestIn(path)), 0);
}

function logsIn(folder: string): string[] {
  try {
    return readdirSync(folder)
      .filter((name) => name.endsWith(".log"))
      .map((name) => join(folder, name));
  } catch {
    return [];
  }
}

function newestIn(path: string): number {
  const bytes = withoutBlockHeaders(readFileSync(path));
  let newest = 0;
  for (let at = bytes.indexOf(magic); at >= 0; at = bytes.indexOf(magic, at + 1)) {
    newest = Math.max(newest, sequenceAt(bytes, at) ?? 0);
  }
  return newest;
}

/** What goes over the end of a block goes on behind the next one's header. */
function withoutBlockHeaders(bytes: Uint8Array): Buffer {
  const blocks: Uint8Array[] = [];
  for (let at = 0; at < bytes.length; at += blockBytes) {
    blocks.push(bytes.subarray(at + blockHeaderBytes, at + blockBytes));
  }
  return Buffer.concat(blocks);
}
