import { constants } from "node:os";
import { render } from "ink";
import type { ClusterSource } from "../core/observe/source.ts";
import { App } from "./app.tsx";
import { leaveScreen } from "./launch/view-process.ts";
import type { Look } from "./look.ts";
import { processPace } from "./pace.ts";
import { PictureStream } from "./picture-stream.ts";

/** The alternate screen with no cursor (xterm, 1049 and 25). */
const enterScreen = "\u001b[?1049h\u001b[2J\u001b[H\u001b[?25l";

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
  const pictures = new PictureStream(stdout);
  const app = () => {
    const { columns, rows } = pictures;
    return <App source={source} size={{ columns, rows }} look={look} pace={pace} />;
  };
  // Terminals are written to at once, so that this works while the process exits (Node's tty).
  const restore = () => {
    pictures.destroy();
    stdout.write(leaveScreen);
  };
  const resize = () => {
    pictures.forget();
    shown.rerender(app());
  };
  stdout.write(enterScreen);
  process.once("exit", restore);
  stdout.on("resize", resize);
  const shown = render(app(), {
    ...{ stdin, exitOnCtrlC: false, patchConsole: false, debug: true },
    stdout: pictures as unknown as NodeJS.WriteStream,
  });
  const ended = endOf(shown.unmount);
  try {
    await shown.waitUntilExit();
    if (ended.error !== null) throw ended.error;
    return ended.code;
  } finally {
    ended.forget();
    stdout.off("resize", resize);
    process.off("exit", restore);
    restore();
    source.close();
  }
}

const signals = ["SIGINT", "SIGTERM", "SIGHUP"] as const;

/** Ends the view on a signal, whose exit code it keeps, and on an error that nobody caught. */
function endOf(unmount: () => void) {
  const end = { code: 0, error: null as Error | null, forget };
  const hear = (signal: NodeJS.Signals) => {
    end.code = 128 + constants.signals[signal];
    unmount();
  };
  const fail = (error: Error) => {
    end.error = error;
    unmount();
  };
  for (const signal of signals) process.on(signal, hear);
  process.on("uncaughtException", fail);
  function forget(): void {
    for (const signal of signals) process.off(signal, hear);
    process.off("uncaughtException", fail);
  }
  return end;
}
