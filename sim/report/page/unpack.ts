import type { ReportData } from "../report-data.ts";

/** The data that `pack` has packed. */
export async function unpack(text: string): Promise<ReportData> {
  const bytes = Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0));
  const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("deflate-raw"));
  const data = JSON.parse(await new Response(stream).text()) as ReportData;
  const { sentAt, arrivedAt } = data.record.messages;
  for (let row = 0; row < sentAt.length; row += 1) {
    const at = (sentAt[row] as number) + (sentAt[row - 1] ?? 0);
    sentAt[row] = at;
    const took = arrivedAt[row] as number;
    arrivedAt[row] = took < 0 ? -1 : at + took;
  }
  return data;
}
