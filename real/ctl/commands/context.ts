import { resolve } from "node:path";
import type { Command } from "commander";
import { contextNamed, contextsPath, readContexts, writeContexts } from "../contexts.ts";
import { targetOf } from "../endpoint.ts";
import { type Format, isTemplate } from "../format.ts";
import { document, table, templated, type View } from "../output.ts";
import type { Surroundings } from "../session.ts";

interface Named {
  readonly name: string;
  readonly address: string;
  readonly identity: string;
  readonly isCurrent: boolean;
}

const view: View<Named> = {
  columns: [
    ["", ({ isCurrent }) => (isCurrent ? "*" : "")],
    ["NAME", ({ name }) => name],
    ["ADDRESS", ({ address }) => address],
    ["IDENTITY", ({ identity }) => identity],
  ],
  fields: [
    ["Name", ({ name }) => name],
    ["Current", ({ isCurrent }) => isCurrent],
    ["Address", ({ address }) => address],
    ["Identity", ({ identity }) => identity],
  ],
};

/** Several clusters, each under a name. */
export function contextCommands(program: Command, { env, out, err }: Surroundings): void {
  const path = contextsPath(env);
  const context = program.command("context").description("clusters by name");
  context
    .command("add <name> <address>")
    .description("keep an address under a name; the first one is the current")
    .action((name: string, address: string, _: object, command: Command) => {
      const { identity } = command.optsWithGlobals<{ identity?: string }>();
      const { contexts, current = name } = readContexts(path);
      const own = identity === undefined ? {} : { identity: resolve(identity) };
      targetOf({ address });
      writeContexts(path, { current, contexts: { ...contexts, [name]: { address, ...own } } });
    });
  context
    .command("use <context>")
    .description("make it the current one")
    .action((name: string) => {
      const kept = readContexts(path);
      contextNamed(kept, name);
      writeContexts(path, { ...kept, current: name });
    });
  context
    .command("ls")
    .alias("list")
    .description("list contexts")
    .action((_: object, command: Command) => {
      const { format } = command.optsWithGlobals<{ format: Format }>();
      const { contexts, current } = readContexts(path);
      const all = Object.entries(contexts).map(([name, { address, identity = "" }]) => {
        return { name, address, identity, isCurrent: name === current };
      });
      if (isTemplate(format)) out(templated(format, view.fields, all));
      else out(format === "table" ? table(view.columns, all) : document(all, format));
    });
  context
    .command("remove <context>")
    .alias("rm")
    .description("forget it")
    .action((name: string) => {
      const kept = readContexts(path);
      contextNamed(kept, name);
      const { [name]: _, ...contexts } = kept.contexts;
      const isCurrent = kept.current === name;
      writeContexts(path, { ...(isCurrent ? {} : { current: kept.current }), contexts });
      if (isCurrent) err(`none is the current one now: ${howToChoose(Object.keys(contexts))}\n`);
    });
}

function howToChoose(names: readonly string[]): string {
  if (names.length === 0) return "this machine's own socket is asked";
  return `'swarmctl context use NAME' makes one of ${names.join(", ")} it`;
}
