import type { z } from "zod";

/** Files of JSON that people keep, cut or edit: what is wrong with one is said in words. */

/** What such a file begins with. */
export interface Head {
  readonly format: string;
  readonly version: number;
}

/** Why a value does not have the shape of its file; `otherwise`: where it is of no such format. */
export function shapeProblem(
  value: unknown,
  head: Head,
  otherwise: string,
  error: z.ZodError,
): string {
  const { format, version } = Object(value) as { format?: unknown; version?: unknown };
  if (format !== head.format) return otherwise;
  if (version !== head.version) {
    return `it is of version ${String(version)}; this simswarm reads version ${head.version}`;
  }
  const [first] = error.issues;
  return `${first?.path.join(".") ?? ""}: ${first?.message ?? "wrong"}`;
}
