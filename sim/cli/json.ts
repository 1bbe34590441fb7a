import type { RunResult } from "../result.ts";

/** One run as one line of JSON, with its line end. */
export function jsonText(result: RunResult, file: string, command: string): string {
  const { scenario, seed, verdict, violations, digest, events, ...rest } = result;
  const { simulatedSeconds, wallSeconds, services, lastEvents, evidence, ...more } = rest;
  const first = { scenario, seed, verdict, violations, digest, events };
  const second = { simulatedSeconds, wallSeconds, services };
  const last = { lastEvents, evidence, file, command };
  return `${JSON.stringify({ ...first, ...second, ...more, ...last })}\n`;
}
