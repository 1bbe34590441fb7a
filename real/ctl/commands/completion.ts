import { Argument, type Command } from "commander";
import type { ControlClient } from "../../api/control-client.ts";
import { contextsPath, readContexts } from "../contexts.ts";
import { clientOf, endpointOf } from "../endpoint.ts";
import { expectedIn } from "../expected-words.ts";
import type { Surroundings } from "../session.ts";

const shells = { bash: bashScript, zsh: zshScript, fish: fishScript } as const;

/** Whoever presses Tab waits no longer for the names of what is in the cluster. */
const patienceMs = 1_500;

/**
 * `completion` prints a script for a shell; what that offers it asks `__complete` for, so that all
 * shells know the same: commands, options, and what there is in the cluster.
 */
export function completionCommand(program: Command, surroundings: Surroundings): void {
  program
    .command("completion")
    .description("script for your shell: source <(swarmctl completion bash)")
    .addArgument(new Argument("<shell>", "which").choices(Object.keys(shells)))
    .action((shell: keyof typeof shells) => surroundings.out(shells[shell](program.name())));
  program
    .command("__complete [words...]", { hidden: true })
    .action(async (words: readonly string[]) => {
      const found = await candidates(program, words, surroundings);
      const fitting = found.filter((word) => word.startsWith(words.at(-1) ?? ""));
      surroundings.out(fitting.map((word) => `${word}\n`).join(""));
    });
}

async function candidates(
  program: Command,
  given: readonly string[],
  { env }: Surroundings,
): Promise<readonly string[]> {
  const { words, named, values } = expectedIn(program, given);
  if (named === null) return words;
  if (named === "context") {
    return Object.keys(readContexts(contextsPath(env)).contexts).filter(isWord);
  }
  const names = namesOf[named];
  if (names === undefined) return words;
  const told = ["socket", "context", "identity"].flatMap((name) => {
    const value = values.get(`--${name}`);
    return value === undefined ? [] : [[name, value]];
  });
  const client = clientOf(endpointOf(Object.fromEntries(told), env), patienceMs);
  return names(client)
    .then((all) => all.filter(isWord))
    .catch(() => [])
    .finally(() => client.close());
}

/**
 * What stands on the line as it is, and means nothing else there: bash puts what is offered on it
 * without quotes, and a node may call itself `$(reboot)`.
 */
function isWord(name: string): boolean {
  return /^[\p{L}\p{N}_.][\p{L}\p{N}_.:@%+,=/-]*$/u.test(name);
}

type Names = (client: ControlClient) => Promise<string[]>;

const serviceNames: Names = async (client) =>
  (await client.query({ kind: "list-services" })).map(({ spec }) => spec.name);
const taskNames: Names = async (client) =>
  (await client.query({ kind: "list-tasks", service: null })).map(({ name }) => name);
const networkNames: Names = async (client) =>
  (await client.query({ kind: "list-networks" })).map(({ spec }) => spec.name);
const secretNames: Names = async (client) =>
  (await client.query({ kind: "list-secrets" })).map(({ spec }) => spec.name);
const configNames: Names = async (client) =>
  (await client.query({ kind: "list-configs" })).map(({ spec }) => spec.name);

/** By what arguments and values of options are called. */
const namesOf: Readonly<Partial<Record<string, Names>>> = {
  node: async (client) =>
    (await client.query({ kind: "list-nodes" })).map(({ description }) => description.hostname),
  service: serviceNames,
  "service=count": async (client) => (await serviceNames(client)).map((name) => `${name}=`),
  task: taskNames,
  "service-or-task": async (client) => [
    ...(await serviceNames(client)),
    ...(await taskNames(client)),
  ],
  secret: secretNames,
  config: configNames,
  network: networkNames,
  volume: async (client) =>
    (await client.query({ kind: "list-volumes" })).map(({ spec }) => spec.name),
};

/** `=` and `:` divide words in bash: what comes after the last of them is what is completed. */
function bashScript(name: string): string {
  return `_${name}() {
  local cur words cword
  if declare -F _get_comp_words_by_ref >/dev/null; then
    _get_comp_words_by_ref -n =: cur words cword
  else
    cur=\${COMP_WORDS[COMP_CWORD]} words=("\${COMP_WORDS[@]}") cword=$COMP_CWORD
  fi
  mapfile -t COMPREPLY < <("\${words[0]}" __complete -- "\${words[@]:1:cword}" 2>/dev/null)
  [[ \${#COMPREPLY[@]} == 1 && \${COMPREPLY[0]} == *= ]] && compopt -o nospace
  return 0
}
complete -o default -F _${name} ${name}
`;
}

function zshScript(name: string): string {
  return `#compdef ${name}
(( $+functions[compdef] )) || { autoload -U compinit && compinit }
_${name}() {
  local -a found
  found=("\${(@f)$("\${words[1]}" __complete -- "\${(@)words[2,CURRENT]}" 2>/dev/null)}")
  [[ -z "$found" ]] && { _files; return }
  compadd -S '' -- \${(M)found:#*=}
  compadd -- \${found:#*=}
}
compdef _${name} ${name}
`;
}

function fishScript(name: string): string {
  return `function __${name}_complete
  set -l words (commandline -opc)
  set -l found ($words[1] __complete -- $words[2..] (commandline -ct) 2>/dev/null)
  if test (count $found) -gt 0
    printf '%s\\n' $found
  else
    __fish_complete_path (commandline -ct)
  end
end
complete -c ${name} -f -a '(__${name}_complete)'
`;
}
