import type { Direction, PlaybackCommand } from "../../core/observe/source.ts";
import { speedWord } from "../words.ts";
import { type Binding, type Pressed, type Situation, saying } from "./binding.ts";

/** Simulated seconds in a second; the last: as fast as it goes. */
const speeds: readonly (number | null)[] = [0.1, 0.25, 0.5, 1, 2, 5, 10, 30, 100, null];

function key(
  keys: readonly string[],
  shown: string,
  what: string,
  press: (situation: Situation) => Pressed,
): Binding {
  return { keys, shown, what, only: "simulation", press };
}

/** A key that sends this. */
function sends(command: PlaybackCommand): (situation: Situation) => Pressed {
  return ({ ui }) => ({ ui, command });
}

function step(by: "event" | "second", count: number): (situation: Situation) => Pressed {
  return sends({ kind: "step", by, count });
}

function jump(
  to: Extract<PlaybackCommand, { kind: "jump" }>["to"],
  direction: Direction,
): (situation: Situation) => Pressed {
  return sends({ kind: "jump", to, direction });
}

/** `space` pauses whichever way time goes. */
function playOrPause({ ui, moment: { playback } }: Situation): Pressed {
  const isPlaying = (playback?.playing ?? null) !== null;
  return { ui, command: isPlaying ? { kind: "pause" } : { kind: "play", direction: "forward" } };
}

function backOrPause({ ui, moment: { playback } }: Situation): Pressed {
  const isBack = playback?.playing === "back";
  return { ui, command: isBack ? { kind: "pause" } : { kind: "play", direction: "back" } };
}

function change(by: 1 | -1): (situation: Situation) => Pressed {
  return ({ ui, moment: { playback } }) => {
    const now = playback?.speed ?? null;
    const at = speeds.findIndex((each) => each === now || (now !== null && (each ?? now) > now));
    const to = Math.min(speeds.length - 1, Math.max(0, at + by));
    const speed = speeds[to] ?? null;
    const said = saying(ui, `Speed ${speedWord(speed)}.`, "busy");
    return { ...said, command: { kind: "speed", speed } };
  };
}

/** A simulation's time. */
export const timeKeys: readonly Binding[] = [
  key([" "], "space", "play or pause", playOrPause),
  key(["b"], "b", "play backwards, or pause", backOrPause),
  key(["."], ".", "one event on", step("event", 1)),
  key([","], ",", "one event back", step("event", -1)),
  key([">"], ">", "one second on", step("second", 1)),
  key(["<"], "<", "one second back", step("second", -1)),
  key(["+", "="], "+", "faster, up to max", change(1)),
  key(["-"], "-", `slower, down to ${speedWord(0.1)}`, change(-1)),
  key(["e"], "e", "next election", jump("election", "forward")),
  key(["E"], "E", "election before", jump("election", "back")),
  key(["f"], "f", "next fault", jump("fault", "forward")),
  key(["F"], "F", "fault before", jump("fault", "back")),
  key(["v"], "v", "next violation", jump("violation", "forward")),
  key(["V"], "V", "violation before", jump("violation", "back")),
  key(["["], "[", "to the start", jump("start", "back")),
  key(["]"], "]", "to the end", jump("end", "forward")),
];
