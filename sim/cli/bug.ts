/** What simswarm itself did wrong. */
export interface Bug {
  readonly message: string;
  readonly stack: string;
}

export function bugOf(error: unknown): Bug {
  const message = String(error);
  return { message, stack: error instanceof Error ? (error.stack ?? message) : message };
}

/** Says on one line what went wrong inside; all of it when SIMSWARM_DEBUG is set. */
export function bugText({ message, stack }: Bug, during: string | null = null): string {
  const when = during === null ? "" : ` (${during})`;
  const line = `simswarm has a bug: ${message.split("\n")[0]}${when}\n`;
  if (process.env.SIMSWARM_DEBUG) return `${line}${stack}\n`;
  return `${line}  set SIMSWARM_DEBUG=1 to see where\n`;
}
