import { ApiError } from "./routes.ts";

/**
 * A moment in a query: seconds since 1970 with a fraction, as Docker's clients write it, or RFC
 * 3339. In microseconds since 1970; null where nothing is said.
 */
export function momentOf(name: string, text: string | null): number | null {
  if (text === null || text === "") return null;
  const seconds = /^(\d+)(?:\.(\d{1,9}))?$/.exec(text);
  if (seconds !== null) {
    const micros = Number((seconds[2] ?? "").padEnd(6, "0").slice(0, 6));
    return Number(seconds[1]) * 1_000_000 + micros;
  }
  const atMs = /^\d{4}-\d\d-\d\d(T|$)/.test(text) ? Date.parse(text) : Number.NaN;
  if (!Number.isNaN(atMs)) return atMs * 1_000;
  throw new ApiError(400, `${name} '${text}' is no moment: write seconds since 1970, or RFC 3339`);
}
