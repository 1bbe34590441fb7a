import type { Colors, Formatter } from "picocolors/types.js";
import { grouped } from "../../core/observe/numbers.ts";
import type { StoryLine } from "../result.ts";
import { oneLine } from "./words.ts";

/** One line of a run's story, with its line end. */
export function storyText({ at, kind, text }: StoryLine, colours: Colors): string {
  const time = colours.dim(`${grouped(at, 3).padStart(11)} s`);
  return `${time}  ${paint(colours, kind)(kind.padEnd(8))}  ${oneLine(text)}\n`;
}

function paint(colours: Colors, kind: StoryLine["kind"]): Formatter {
  switch (kind) {
    case "fault":
      return colours.red;
    case "heal":
      return colours.green;
    case "election":
      return colours.yellow;
    case "node":
      return colours.magenta;
    case "service":
    case "command":
      return colours.cyan;
    case "verdict":
      return colours.bold;
    default:
      return String;
  }
}
