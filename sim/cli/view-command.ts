import { runView } from "../../tui/launch/view-process.ts";
import { WrongInput } from "./exit-codes.ts";
import type { RunFlags } from "./request.ts";

/** What `sim run --tui` is told besides what every run is. */
export interface ViewFlags {
  readonly tui?: true;
  readonly ascii?: true;
}

const passedOn = ["seed", "until", "clients", "bug"] as const;

/** `sim run --tui`: plays one run in the terminal. The exit code. @throws WrongInput */
export function viewRun(files: readonly string[], flags: RunFlags & ViewFlags): Promise<number> {
  const { tui: _, ascii, ...others } = flags;
  const [file = "", ...more] = files;
  if (more.length > 0) {
    throw new WrongInput(`--tui plays one run, and these are ${files.length} files: name one`);
  }
  const odd = Object.keys(others).find((flag) => !passedOn.some((known) => known === flag));
  if (odd !== undefined) {
    const name = odd.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
    throw new WrongInput(`--tui plays one run and writes nothing: leave --${name} out`);
  }
  const words = passedOn.flatMap((flag) =>
    flags[flag] === undefined ? [] : [`--${flag}=${flags[flag]}`],
  );
  return runView(["sim", ...words, ...asciiWords(ascii), "--", file]);
}

/** `sim watch`: plays a kept failure in the terminal. The exit code. */
export function viewKept(file: string, { ascii }: ViewFlags): Promise<number> {
  return runView(["watch", ...asciiWords(ascii), "--", file]);
}

function asciiWords(ascii: true | undefined): string[] {
  return ascii === true ? ["--ascii"] : [];
}
