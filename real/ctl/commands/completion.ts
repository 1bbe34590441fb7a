import type { Command } from "commander";

/** Prints a script for the shell that completes commands and options as they are in `program`. */
export function completionCommand(program: Command, out: (text: string) => void): void {
  program
    .command("completion <shell>")
    .description("script for bash or zsh: source <(swarmctl completion bash)")
    .action((shell: string) => {
      if (shell === "bash") return out(bashScript(program));
      if (shell === "zsh")
        return out(`autoload -U +X bashcompinit && bashcompinit\n${bashScript(program)}`);
      throw new Error(`there is no completion for '${shell}': bash and zsh have one`);
    });
}

/** What may follow each sequence of commands. */
function words(command: Command, path: string): [path: string, words: string][] {
  const options = command.options.map(({ long, short }) => long ?? short ?? "");
  const names = command.commands.flatMap((each) => [each.name(), ...each.aliases()]);
  const below = command.commands.flatMap((each) =>
    [each.name(), ...each.aliases()].flatMap((name) => words(each, `${path} ${name}`)),
  );
  return [[path, [...names, ...options, "--help"].join(" ")], ...below];
}

function bashScript(program: Command): string {
  const name = program.name();
  const cases = words(program, name).map(([path, each]) => `    "${path}") words="${each}" ;;`);
  return `_${name}() {
  local path="${name}" word words=""
  for word in "\${COMP_WORDS[@]:1:COMP_CWORD-1}"; do
    case "$word" in -*) ;; *) [[ "$word" =~ ^[a-z]+$ ]] && path="$path $word" ;; esac
  done
  while [[ -n "$path" ]]; do
    case "$path" in
${cases.join("\n")}
    esac
    [[ -n "$words" || "$path" != *" "* ]] && break
    path="\${path% *}"
  done
  COMPREPLY=($(compgen -W "$words" -- "\${COMP_WORDS[COMP_CWORD]}"))
}
complete -o default -F _${name} ${name}
`;
}
