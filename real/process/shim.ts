import { type ChildProcess, spawn } from "node:child_process";
import { closeSync, openSync } from "node:fs";
import { join } from "node:path";
import type { Started } from "./as-task.ts";

/**
 * The first process of a task's group. It outlives the daemon, and so can say how the program
 * ended; what the program leaves behind goes with it. A second one for the same task ends at once:
 * a task runs once.
 *
 * Arguments: the task's folder, then the command. Files in the folder: `shim` says who it is (its
 * process, the moment of its start in ticks of the machine, the boot of the machine), which the
 * daemon writes too before it goes on; `pid` is the program, `exit` how it ended.
 */
const script = `
folder=$1
shift
mkdir "$folder/started" || exit 125
trap : HUP INT QUIT TERM USR1 USR2 ALRM PIPE
ticks=0
boot=none
if [ -r /proc/$$/stat ]; then
  read -r _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ ticks _ </proc/$$/stat
  read -r boot </proc/sys/kernel/random/boot_id
fi
echo "$$ $ticks $boot" >"$folder/shim.new"
mv "$folder/shim.new" "$folder/shim"
/bin/sh -c 'echo $$ >"$0/pid.new"; mv "$0/pid.new" "$0/pid"; exec "$@"' "$folder" "$@"
echo $? >"$folder/exit.new"
mv "$folder/exit.new" "$folder/exit"
kill -KILL 0
`;

export interface ShimStart extends Started {
  readonly folder: string;
  readonly dir: string;
  /** What is written goes to files in the folder; else nowhere. */
  readonly isLogged: boolean;
}

/** Starts a task's group of processes. */
export function startShim({ folder, command, env, dir, isLogged }: ShimStart): ChildProcess {
  const out = openSync(isLogged ? join(folder, "stdout.log") : "/dev/null", "a", 0o600);
  const err = openSync(isLogged ? join(folder, "stderr.log") : "/dev/null", "a", 0o600);
  try {
    return spawn("/bin/sh", ["-c", script, "shim", folder, ...command], {
      cwd: dir,
      env,
      detached: true,
      stdio: ["ignore", out, err],
    });
  } finally {
    closeSync(out);
    closeSync(err);
  }
}
