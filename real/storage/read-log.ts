import { applyPart } from "../../core/node/checkpoint.ts";
import { DiskImage } from "../../core/node/disk-image.ts";
import { recover } from "../../core/wal/log.ts";
import type { PayloadCodec, WalWrite } from "../../core/wal/record.ts";
import type { KeyFile } from "./key-file.ts";
import { damaged } from "./record-table.ts";
import { openedRecord, type SealedRecord } from "./sealed-record.ts";

/** What a folder's records come to. */
export interface FoundLog {
  readonly image: DiskImage;
  /** The oldest record that is kept, and the number of the next. */
  readonly first: number;
  readonly next: number;
}

/**
 * Reads the records of a folder in their order, one after the other. Parts of a checkpoint that was
 * not finished belong to no record, and are passed over. Rejects where anything else is not there,
 * or not as it was written.
 */
export async function readLog(
  folder: string,
  records: AsyncIterable<SealedRecord>,
  keys: KeyFile,
  codec: PayloadCodec,
): Promise<FoundLog> {
  const image = new DiskImage();
  let [first, last, part, parts] = [0, 0, 0, 0];
  const missing = (what: string) => new Error(damaged(folder, `${what} is missing`));
  for await (const record of records) {
    const { sequence } = record;
    if (record.part > 0) {
      if (sequence !== last || part === parts) continue;
      part += 1;
      if (record.part !== part) throw missing(`part ${part} of record ${sequence}`);
    } else {
      if (part < parts) throw missing(`part ${part + 1} of record ${last}`);
      if (first > 0 && sequence !== last + 1) throw missing(`a record after ${last + 1}`);
    }
    const { write, parts: following } = opened(folder, record, keys, codec);
    if (record.part === 0) {
      if (first === 0 && !write.wipesRaft) {
        throw new Error(damaged(folder, `the records before ${sequence} are missing`));
      }
      if (first === 0) first = sequence;
      [last, part, parts] = [sequence, 0, following];
    }
    applyPart(image, write);
  }
  if (first === 0) throw new Error(damaged(folder, "its records are gone"));
  if (part < parts) throw missing(`part ${part + 1} of record ${last}`);
  return { image, first, next: last + 1 };
}

function opened(
  folder: string,
  record: SealedRecord,
  keys: KeyFile,
  codec: PayloadCodec,
): { readonly write: WalWrite; readonly parts: number } {
  const found = openedRecord(record, keys);
  if (found === null) throw new Error(damaged(folder, `record ${record.sequence} is broken`));
  const read = recover([found.bytes], codec, record.sequence);
  if (read.kind === "refused") throw new Error(damaged(folder, read.reason));
  const [write] = read.writes;
  if (write === undefined || read.torn > 0) {
    throw new Error(damaged(folder, `record ${record.sequence} is of another place`));
  }
  return { write, parts: found.parts };
}
