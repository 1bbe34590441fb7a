import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import type { Size } from "../../../tui/layout.ts";
import { patienceMs } from "../../support/patience.ts";
import { small } from "./screen-text.tsx";

interface Terminal {
  /** What its screen shows, without trailing spaces; `codes`: with colours. */
  screen(codes?: "codes"): string;
  /** Presses keys, by tmux's names for those that have one. */
  press(...keys: string[]): void;
  /** Waits until the screen shows this, and gives all of it. */
  sees(words: string | RegExp): Promise<string>;
  resize(size: Size): void;
  /** The value of one of tmux's variables, such as `alternate_on`. */
  ask(variable: string): string;
  close(): void;
}

interface Opened {
  readonly env?: Readonly<Record<string, string>>;
  readonly size?: Size;
  readonly folder?: string;
}

/** A real terminal with a shell in it (see `.ci/tools`), on a server of its own. */
export function openTerminal({ env = {}, size = small, folder = tmpdir() }: Opened = {}): Terminal {
  const own = mkdtempSync(join(tmpdir(), "simswarm-tmux-"));
  const tmux = (...args: string[]) => {
    const all = ["-u", "-f", "/dev/null", "-S", join(own, "socket"), ...args];
    const { error, status, stdout, stderr } = spawnSync("tmux", all, {
      encoding: "utf8",
      env: { PATH: process.env.PATH, HOME: own, LANG: "C.UTF-8" },
    });
    if (error !== undefined) throw new Error("these tests need tmux: .ci/tools brings it");
    if (status !== 0) throw new Error(`tmux ${args.join(" ")}: ${stderr}`);
    return stdout;
  };
  const given = { TERM: "tmux-256color", PS1: "$ ", ...env };
  const settings = Object.entries(given).flatMap(([name, value]) => ["-e", `${name}=${value}`]);
  const { columns, rows } = size;
  const shape = ["-x", String(columns), "-y", String(rows)];
  tmux("new-session", "-d", ...shape, ...settings, "-c", folder, "/bin/sh");
  const screen = (codes?: "codes") => tmux("capture-pane", "-p", ...(codes ? ["-e"] : []));
  return {
    screen,
    press: (...keys) => tmux("send-keys", ...keys),
    sees: async (words) => {
      const end = Date.now() + patienceMs;
      for (;;) {
        const text = screen();
        if (typeof words === "string" ? text.includes(words) : words.test(text)) return text;
        if (Date.now() > end) throw new Error(`${words} is not to be seen:\n${text}`);
        await sleep(30);
      }
    },
    resize: ({ columns: width, rows: height }) =>
      tmux("resize-window", "-x", String(width), "-y", String(height)),
    ask: (variable) => tmux("display-message", "-p", `#{${variable}}`).trim(),
    close: () => {
      tmux("kill-server");
      rmSync(own, { recursive: true, force: true });
    },
  };
}
