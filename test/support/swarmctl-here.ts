import { swarmctlProgram } from "../../real/ctl/program.ts";

/** Runs swarmctl in this process, and resolves to what it prints; rejects with its complaint. */
export async function swarmctlHere(
  env: Readonly<Record<string, string>>,
  words: readonly string[],
): Promise<string> {
  let written = "";
  const out = (content: string | Uint8Array) => {
    written += content;
  };
  const program = swarmctlProgram({ env, out, err: out, isTerminal: false, now: Date.now });
  const quiet = (command: typeof program) => {
    command.exitOverride().configureOutput({ writeOut: out, writeErr: () => undefined });
    command.commands.forEach(quiet as never);
  };
  quiet(program);
  await program.parseAsync(words, { from: "user" });
  return written;
}
