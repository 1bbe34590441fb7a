import { existsSync, readdirSync, readFileSync } from "node:fs";
import { basename, dirname, join, normalize } from "node:path";
import { fileURLToPath } from "node:url";
import { type Command, CommanderError } from "commander";
import { describe, expect, test } from "vitest";
import { plainFlags } from "../real/ctl/plain-flags.ts";
import { swarmctlProgram } from "../real/ctl/program.ts";
import { swarmdCommand } from "../real/daemon/command.ts";
import { simProgram } from "../sim/cli/program.ts";
import * as dsl from "../sim/scenario/dsl.ts";
import {
  blockCommands,
  commandsOf,
  inlineCommands,
  type ShownCommand,
} from "./support/shown-commands.ts";

// Goal: what the pages tell people to type is what the programs take. Method: the real command
// lines read every command that is shown; they are given nothing to do.

const root = fileURLToPath(new URL("..", import.meta.url));
const pages = [
  ...["README.md", "core/README.md", "core/raft/README.md", "sim/README.md", "real/README.md"],
  ...readdirSync(join(root, "docs"))
    .filter((name) => name.endsWith(".md"))
    .map((name) => `docs/${name}`),
];
const folders = new Set(readdirSync(root));
const textOf = (path: string) => readFileSync(join(root, path), "utf8");
const { scripts } = JSON.parse(textOf("package.json"));

const nothing = () => undefined;
const later = async () => undefined;
const surroundings = { env: {}, out: nothing, err: nothing, isTerminal: false, now: () => 0 };
const programs: Readonly<Record<string, () => Command>> = {
  sim: () => simProgram(nothing),
  swarmd: () => swarmdCommand({ run: later, dev: later, restore: later, dump: later }),
  swarmctl: () => swarmctlProgram(surroundings),
};

/** Makes a program that reads its line, complains by throwing, and does nothing. */
function idle(program: Command): Command {
  program.exitOverride().configureOutput({ writeOut: nothing, writeErr: nothing });
  if (program.commands.length === 0) program.action(nothing);
  for (const command of program.commands) idle(command);
  return program;
}

/** Why the program would refuse the command; null: it would not, or it is none of ours. */
function complaint([name = "", ...args]: readonly string[]): string | null {
  if (name === "npm") return scriptComplaint(args);
  const program = Object.hasOwn(programs, name) ? programs[name]?.() : undefined;
  if (program === undefined) return null;
  try {
    idle(program).parse(plainFlags(program, args), { from: "user" });
    return null;
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    return error.exitCode === 0 ? null : `${error.code}: ${error.message}`;
  }
}

function scriptComplaint([verb = "", script = ""]: readonly string[]): string | null {
  const name = verb === "run" ? script : verb;
  return ["ci", "install", "pack"].includes(name) || name in scripts ? null : `no script '${name}'`;
}

/**
 * Of all words that look like a file of the repository, of its tests, or of the page's own folder,
 * those that are none.
 */
function missingFiles(page: string, text: string): readonly string[] {
  const named = text.match(/(?<![\w./-])[a-z-]+\/[\w./*-]*[\w*]\.\w+/g) ?? [];
  const bases = ["", "test", dirname(page)];
  const ours = named.filter((path) => {
    const [folder = ""] = path.split("/");
    return folders.has(folder) || isThere(join(dirname(page), folder));
  });
  return ours.filter((path) => !bases.some((base) => isThere(join(base, path))));
}

/** Links of a page to files that are not there, or to headings that these do not have. */
function deadLinks(path: string, text: string): readonly string[] {
  const links = [...text.matchAll(/\]\(([^)\s]+)\)/g)].map(([, link]) => link as string);
  return links.filter((link) => {
    if (/^https?:/.test(link)) return false;
    const [file = "", anchor] = link.split("#");
    const target = file === "" ? path : normalize(join(dirname(path), file));
    if (!existsSync(join(root, target))) return true;
    return anchor !== undefined && !anchorsIn(textOf(target)).includes(anchor);
  });
}

/** As GitHub makes them of headings. */
function anchorsIn(text: string): readonly string[] {
  const headings = [...text.matchAll(/^#+ (.*)$/gm)].map(([, heading]) => heading as string);
  return headings.map((heading) =>
    heading
      .toLowerCase()
      .replace(/[^\p{L}\p{N} _-]/gu, "")
      .replaceAll(" ", "-"),
  );
}

function isThere(path: string): boolean {
  if (!path.includes("*")) return existsSync(join(root, path));
  const pattern = new RegExp(`^${basename(path).replace(/\./g, "\\.").replace(/\*/g, ".*")}$`);
  const folder = join(root, dirname(path));
  return existsSync(folder) && readdirSync(folder).some((name) => pattern.test(name));
}

const leftOut = /commander\.(help|missing|optionMissing)/;
const refused = (commands: readonly ShownCommand[]) =>
  commands.flatMap(({ words, at }) => {
    const why = complaint(words);
    return why === null ? [] : [`${at}\n  ${why}`];
  });

describe.each(pages)("%s", (path) => {
  test("shows commands that the programs take", () => {
    expect(refused(blockCommands(path, textOf(path)))).toEqual([]);
  });

  test("speaks of commands and flags that there are, whatever it leaves out", () => {
    const whole = inlineCommands(path, textOf(path)).filter(({ at }) => !/[[…]/.test(at));
    const wrong = refused(whole).filter((why) => !leftOut.test(why));
    expect(wrong).toEqual([]);
  });

  test("names files that are there", () => {
    expect(missingFiles(path, textOf(path))).toEqual([]);
  });

  test("links to pages and headings that are there", () => {
    expect(deadLinks(path, textOf(path))).toEqual([]);
  });
});

test("scenarios.md has all words and all stories", () => {
  const page = textOf("docs/scenarios.md");
  const ofEach = new Set(["scenario", "isScenario", "service", "at"]);
  const words = Object.keys(dsl).filter((word) => !ofEach.has(word));
  const stories = readdirSync(join(root, "scenarios")).map((file) => basename(file, ".ts"));
  const known = new Set(page.match(/(?<=`)[\w-]+(?=[`(])/g));
  expect([...words, ...stories].filter((name) => !known.has(name))).toEqual([]);
});

test("Raft's README has all of its files, and what it names where it is", () => {
  const page = textOf("core/raft/README.md");
  const files = readdirSync(join(root, "core/raft")).filter((file) => file.endsWith(".ts"));
  expect(files.filter((file) => !page.includes(`\`${file}\``))).toEqual([]);
  const named = [...page.matchAll(/`(\w+\.ts)` (\w+)(?=,? +\||, `)/g)];
  expect(named.length).toBeGreaterThan(15);
  const lost = named.filter(([, file, name = ""]) => !textOf(`core/raft/${file}`).includes(name));
  expect(lost.map(([words]) => words)).toEqual([]);
});

test("the examples that sim shows with its help are commands that it takes", () => {
  let help = "";
  const program = simProgram(nothing).configureOutput({
    writeOut(text) {
      help += text;
    },
  });
  program.outputHelp();
  const shown = help.split("\n").filter((line) => /^ {2}sim \w+ .*/.test(line));
  expect(shown.length).toBeGreaterThan(10);
  const commands = shown.flatMap((line) => commandsOf(line.replace(/ {3,}.*/, ""), line));
  expect(refused(commands)).toEqual([]);
});

test("a command with a mistake, a file that is not there, and a dead link are seen", () => {
  const page = [
    "```console",
    "$ npm ci && npx sim run scenarios/partition.ts --sede 7   # a typo",
    "$ DOCKER_HOST=x npx swarmctl service crate \\",
    "    --name web",
    "$ seq 8 | parallel 'cd x && npx sim explore --shard {}/8' '>' out",
    "$ swarmd dev --managers none",
    "$ npm run bensh",
    "$ sim merge 1.json 2.json > all.json",
    "out of place: sim run --nothing",
    "```",
    "See `swarmctl node promot`, but `swarmctl node promote` of a node.",
  ].join("\n");
  expect(refused(blockCommands("page", page)).map((text) => text.split("\n  ")[1])).toEqual([
    expect.stringMatching(/unknown option '--sede'/),
    expect.stringMatching(/unknown command 'crate'/),
    expect.stringMatching(/missing required argument 'file'/),
    expect.stringMatching(/'none' is invalid/),
    "no script 'bensh'",
  ]);
  expect(refused(inlineCommands("page", page)).length).toBe(2);
  const files =
    "scenarios/partition.ts scenarios/pratition.ts docs/*.md docs/*.x raft/log.ts ca/a.ts";
  expect(missingFiles("core/README.md", files)).toEqual([
    "scenarios/pratition.ts",
    "docs/*.x",
    "ca/a.ts",
  ]);
  const links =
    "[a](running.md) [b](#none) [c](gone.md) [d](docker-api.md#networks) [e](keys.md#x)";
  expect(deadLinks("docs/tui.md", links)).toEqual(["#none", "gone.md", "keys.md#x"]);
});
