import { encode } from "./frame.ts";
import { decodeWrite, encodeWrite, type PayloadCodec, type WalWrite } from "./record.ts";
import { describeCorruption, type LogPlace, scan } from "./scan.ts";

/** What a log was found to hold when it was opened. */
export type Recovered =
  | {
      readonly kind: "recovered";
      readonly writes: readonly WalWrite[];
      /** Where the next record goes; what lies behind is torn and must be cut off first. */
      readonly end: LogPlace;
      readonly torn: number;
      readonly nextSequence: number;
    }
  /** The log must not be used: `reason` says what is wrong and what to do about it. */
  | { readonly kind: "refused"; readonly reason: string };

/** The bytes that make `write` the log's next record. */
export function recordOf(sequence: number, write: WalWrite, codec: PayloadCodec): Uint8Array {
  return encode(sequence, encodeWrite(write, codec));
}

/** Reads a whole log from its segments. `first` is the first record's number; null: not known. */
export function recover(
  segments: readonly Uint8Array[],
  codec: PayloadCodec,
  first: number | null,
): Recovered {
  const scanned = scan(segments, first);
  if (scanned.kind === "corrupt") return { kind: "refused", reason: describeCorruption(scanned) };
  const { frames, end, torn, nextSequence } = scanned;
  const writes: WalWrite[] = [];
  for (const { sequence, body } of frames) {
    const write = decodeWrite(body, codec);
    if (write === null) return { kind: "refused", reason: unreadable(sequence) };
    writes.push(write);
  }
  return { kind: "recovered", writes, end, torn, nextSequence };
}

function unreadable(sequence: number): string {
  return (
    `record ${sequence} of the write-ahead log is undamaged, but not of a form that this version ` +
    "knows. Start the version that wrote it, or restore this manager from the others: remove it " +
    "from the cluster, delete its state and let it join again."
  );
}
