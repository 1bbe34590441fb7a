import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, expect, test } from "vitest";
import { contextsPath, writeContexts } from "../../../real/ctl/contexts.ts";
import { expectedIn } from "../../../real/ctl/expected-words.ts";
import { swarmctlProgram } from "../../../real/ctl/program.ts";

// Goal: whoever presses Tab is offered what may stand there, in each shell that has a script.
// Method: the words of the program itself; then the shells, where they are, with the real program.

const bin = mkdtempSync(join(tmpdir(), "completion-"));
symlinkSync(
  fileURLToPath(new URL("../../../dist/bin/swarmctl.sh", import.meta.url)),
  `${bin}/swarmctl`,
);
afterAll(() => rmSync(bin, { recursive: true }));

const silent = () => undefined;
const program = swarmctlProgram({
  ...{ env: {}, out: silent, err: silent, isTerminal: false, now: Date.now },
});

test.each([
  [
    ["cluster", ""],
    ["init", "join", "join-token", "unlock-key"],
  ],
  [
    ["cluster", "join-token", ""],
    ["worker", "manager"],
  ],
  [
    ["--format", "json", "node", ""],
    ["ls", "promote", "rm"],
  ],
  [
    ["--format", ""],
    ["table", "json", "yaml"],
  ],
  [
    ["node", "ls", "-"],
    ["--format", "--socket", "--help"],
  ],
  [
    ["service", "create", "--update-order", ""],
    ["stop-first", "start-first"],
  ],
  [
    ["service", "update", "web", "--"],
    ["--ports", "--generic-resources", "--secret-add", "--with-registry-auth"],
  ],
  [
    ["cluster", "update", "--rotate-join-token", ""],
    ["worker", "manager"],
  ],
  [
    ["completion", ""],
    ["bash", "zsh", "fish"],
  ],
])("%j may go on with %j", (words, offered) => {
  const { words: found, named } = expectedIn(program, words);
  expect(found).toEqual(expect.arrayContaining(offered));
  expect(named).toBe(null);
  expect(found.filter((word) => word.startsWith("_"))).toEqual([]);
});

test.each([
  [["service", "inspect", ""], "service"],
  [["service", "rm", "web", "ot"], "service"],
  [["service", "create", "--secret", ""], "secret"],
  [["node", "drain", ""], "node"],
  [["--context", ""], "context"],
  [["secret", "create", "name", ""], "file"],
])("%j goes on with the name of a %s", (words, named) => {
  expect(expectedIn(program, words)).toMatchObject({ words: [], named });
});

test("what the cluster is reached by is heeded", () => {
  const { values } = expectedIn(program, ["-s", "/run/a.sock", "service", "inspect", ""]);
  expect(values).toEqual(new Map([["--socket", "/run/a.sock"]]));
});

test("a name that a shell would take apart, or for an option, is not offered", async () => {
  const names = ["prod", "a.b:c", "büro", "$(id)", "a b", "x;y", "`z`", "--force", "~root", "=sh"];
  const contexts = Object.fromEntries(names.map((name) => [name, { address: "localhost:1" }]));
  const env = { XDG_CONFIG_HOME: bin };
  writeContexts(contextsPath(env), { contexts });
  let said = "";
  const out = (text: string | Uint8Array) => {
    said += text;
  };
  const completing = swarmctlProgram({
    ...{ env, out, err: silent, isTerminal: false, now: Date.now },
  });
  await completing.parseAsync(["__complete", "--", "--context", ""], { from: "user" });
  expect(said).toBe("prod\na.b:c\nbüro\n");
});

const has = (shell: string) => spawnSync(shell, ["-c", "true"]).status === 0;

test.runIf(has("bash"))("bash completes a word of two parts", () => {
  expect(
    said("bash", [
      "source <(swarmctl completion bash)",
      "COMP_WORDS=(swarmctl cluster join-t) COMP_CWORD=2",
      "_swarmctl",
      // biome-ignore lint/suspicious/noTemplateCurlyInString: it is bash's.
      'echo "${COMPREPLY[@]}"; complete -p swarmctl',
    ]),
  ).toBe("join-token\ncomplete -o default -F _swarmctl swarmctl\n");
});

test.runIf(has("zsh"))("zsh takes its script", () => {
  const lines = [
    "source <(swarmctl completion zsh)",
    "compadd() { echo compadd $* }",
    "words=(swarmctl cluster join-t) CURRENT=3",
    "_swarmctl",
  ];
  expect(said("zsh", lines)).toContain("compadd -- join-token");
});

test.runIf(has("fish"))("fish completes a choice", () => {
  const asked = 'complete -C "swarmctl service create --update-order "';
  expect(said("fish", ["swarmctl completion fish | source", asked])).toBe(
    "start-first\nstop-first\n",
  );
});

function said(shell: string, lines: readonly string[]): string {
  const env = { ...process.env, PATH: `${bin}${delimiter}${process.env.PATH}`, HOME: bin };
  return spawnSync(shell, ["-c", lines.join("\n")], { env, encoding: "utf8" }).stdout;
}
