import { deflateRawSync } from "node:zlib";
import type { ReportData } from "./report-data.ts";

/**
 * The data as text that a page can hold: JSON, compressed, in base64. Times of messages are written
 * as differences, which compress to a fourth. `page/unpack.ts` is its opposite.
 */
export function pack(data: ReportData): string {
  const { messages } = data.record;
  const sentAt = messages.sentAt.map((at, row) => at - (messages.sentAt[row - 1] ?? 0));
  const arrivedAt = messages.arrivedAt.map((at, row) =>
    at < 0 ? -1 : at - (messages.sentAt[row] as number),
  );
  const record = { ...data.record, messages: { ...messages, sentAt, arrivedAt } };
  return deflateRawSync(JSON.stringify({ ...data, record }), { level: 9 }).toString("base64");
}
