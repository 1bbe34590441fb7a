import { type Span, span, type Tone } from "../line.ts";
import type { Symbols } from "../symbols.ts";

/** A task's state with a symbol of its own. */
export function taskState(state: string, symbols: Symbols): Span {
  return span(`${stateSymbol(state, symbols)} ${state}`, stateTone(state));
}

function stateSymbol(state: string, symbols: Symbols): string {
  switch (state) {
    case "RUNNING":
      return symbols.up;
    case "COMPLETE":
      return symbols.ok;
    case "FAILED":
    case "REJECTED":
      return symbols.broken;
    case "ORPHANED":
      return symbols.unknown;
    case "SHUTDOWN":
    case "REMOVE":
      return symbols.dot;
    default:
      return symbols.follower;
  }
}

export function stateTone(state: string): Tone {
  switch (state) {
    case "RUNNING":
    case "COMPLETE":
      return "good";
    case "FAILED":
    case "REJECTED":
      return "bad";
    case "ORPHANED":
      return "warn";
    case "SHUTDOWN":
    case "REMOVE":
      return "quiet";
    default:
      return "busy";
  }
}
