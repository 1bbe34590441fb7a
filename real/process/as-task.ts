/** What a task's processes are started with, and as whom. */
export interface Setting {
  /** Programs that limit what they start, and give it another user. */
  readonly wrapper: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  readonly dir: string;
}

/** A command, and the environment that it is to be started with. */
export interface Started {
  readonly command: readonly string[];
  readonly env: Readonly<Record<string, string>>;
}

/** As which the variable `A` goes by `SETTING_A`; that without a name is the script's own. */
const prefix = "SETTING_";
/** Shells drop others. */
const nameForm = /^[A-Za-z_][A-Za-z0-9_]*$/;

/** Arguments: the names of the variables, then the command. */
const script = `
unset PATH
for ${prefix} in $1; do
  eval "command export \\"$${prefix}=\\$${prefix}$${prefix}\\""
  unset "${prefix}$${prefix}"
done
unset ${prefix}
shift
exec "$@"
`;

/**
 * The command in the task's setting. What goes before it runs as the daemon's user, and sees
 * nothing of the task's environment: programs and libraries that `PATH` and `LD_LIBRARY_PATH` find
 * may be those of the task's user, who else would be root.
 */
export function asTask({ wrapper, env }: Setting, command: readonly string[]): Started {
  const known = Object.entries(env).filter(([name]) => nameForm.test(name));
  const names = known.map(([name]) => name).join(" ");
  return {
    command: [...wrapper, "/bin/sh", "-c", script, "sh", names, ...command],
    env: {
      PATH: ownPath(),
      ...Object.fromEntries(known.map(([name, value]) => [prefix + name, value])),
    },
  };
}

/** Where the daemon itself finds programs. */
export function ownPath(): string {
  return process.env.PATH ?? "/usr/local/bin:/usr/bin:/bin";
}
