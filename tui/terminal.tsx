import { constants } from "node:os";
import { render } from "ink";
import type { ClusterSource } from "../core/observe/source.ts";
import { App } from "./app.tsx";
import type { Size } from "./layout.ts";
import type { Look } from "./look.ts";
import { processPace } from "./pace.ts";

/** The alternate screen with no cursor, and back to what was there before (xterm, 1049 and 25). */
const enter = "\u001b[?1049h\u001b[2J\u001b[H\u001b[?25l";
const leave = "\u001b[?1049l\u001b[?25h\u001b[0m";
const wipe = "\u001b[2J\u001b[H";

interface Terminal {
  readonly stdin: NodeJS.ReadStream;
  readonly stdout: NodeJS.WriteStream;
}

/**
 * Shows the source until the person quits; then, or when a signal or an error ends it, the terminal
 * is as it was. Resolves with the exit code: 0, or 128 and the number of the signal.
 * @throws what went wrong while drawing
 */
export async function showOn(
  { stdin, stdout }: Terminal,
  source: ClusterSource,
  look: Look,
): Promise<number> {
  const pace = processPace();
  const app = () => <App source={source} size={sizeOf(stdout)} look={look} pace={pace} />;
  // Terminals are written to at once, so that this works while the process exits (Node's tty).
  const restore = () => stdout.write(leave);
  const resize = () => {
    stdout.write(wipe);
    shown.clear();
    shown.rerender(app());
  };
  stdout.write(enter);
  process.once("exit", restore);
  // Before Ink hears of it: the picture is then drawn in the new size at once.
  stdout.on("resize", resize);
  const shown = render(app(), {
    ...{ stdin, stdout, exitOnCtrlC: false, patchConsole: false, incrementalRendering: true },
    onRender: () => pace.end(),
  });
  const ended = endOf(shown.unmount);
  try {
    await shown.waitUntilExit();
    return ended.code;
  } finally {
    ended.forget();
    stdout.off("resize", resize);
    process.off("exit", restore);
    restore();
    source.close();
  }
}

function sizeOf({ columns, rows }: NodeJS.WriteStream): Size {
  return { columns: columns || 80, rows: rows || 24 };
}

const signals = ["SIGINT", "SIGTERM", "SIGHUP"] as const;

/** Ends the view on a signal, and keeps the exit code that belongs to it. */
function endOf(unmount: () => void) {
  const end = { code: 0, forget };
  const hear = (signal: NodeJS.Signals) => {
    end.code = 128 + constants.signals[signal];
    unmount();
  };
  for (const signal of signals) process.on(signal, hear);
  function forget(): void {
    for (const signal of signals) process.off(signal, hear);
  }
  return end;
}
