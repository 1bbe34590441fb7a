import { ascii, type Symbols, unicode } from "./symbols.ts";

/** What the terminal can show. */
export interface Look {
  readonly symbols: Symbols;
  readonly colours: "none" | "few" | "many";
}

/**
 * The look that fits these environment variables: no colour with NO_COLOR (no-color.org), 256
 * colours where the terminal says that it has them; line drawing and other symbols only where the
 * locale's encoding is UTF-8.
 */
export function lookOf(env: NodeJS.ProcessEnv, isAscii: boolean): Look {
  const isPlain = isAscii || env.TERM === "linux" || !hasUtf8(env);
  return { symbols: isPlain ? ascii : unicode, colours: coloursOf(env) };
}

/** The first of these that is set and not empty decides (POSIX, Base Definitions 8.2). */
function hasUtf8({ LC_ALL, LC_CTYPE, LANG }: NodeJS.ProcessEnv): boolean {
  return /utf-?8/i.test(LC_ALL || LC_CTYPE || LANG || "");
}

function coloursOf({ NO_COLOR, TERM = "", COLORTERM }: NodeJS.ProcessEnv): Look["colours"] {
  if (NO_COLOR) return "none";
  return COLORTERM || TERM.includes("256color") ? "many" : "few";
}
