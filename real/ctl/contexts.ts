import { dirname, join } from "node:path";
import { parseDocument, stringify } from "yaml";
import { z } from "zod";
import { makeFolder } from "../folder.ts";
import { replaceFile, textIn } from "../text-file.ts";

const endpoint = z.object({
  /** `unix:///path` or `host:port`. */
  address: z.string().min(1),
  /** A manager's `certificates` folder: whose identity is shown, and which roots are trusted. */
  identity: z.string().optional(),
});

const file = z.object({
  current: z.string().optional(),
  contexts: z.record(z.string(), endpoint),
});

/** Where a cluster is reached. */
export type Endpoint = z.infer<typeof endpoint>;
export type Contexts = z.infer<typeof file>;

export function contextsPath(env: NodeJS.ProcessEnv): string {
  const home = env.XDG_CONFIG_HOME || join(env.HOME ?? ".", ".config");
  return join(home, "simswarm", "contexts.yaml");
}

/** Throws with the path when the file is not one of ours. */
export function readContexts(path: string): Contexts {
  const text = textIn(path);
  if (text === null) return { contexts: {} };
  const found = file.safeParse(parseDocument(text).toJS());
  if (found.success) return found.data;
  throw new Error(
    `${path} is no file of contexts: ${z.prettifyError(found.error)}. Mend or remove it.`,
  );
}

/** Throws with the names that there are. */
export function contextNamed({ contexts }: Contexts, name: string): Endpoint {
  const found = Object.hasOwn(contexts, name) ? contexts[name] : undefined;
  if (found !== undefined) return found;
  const known = Object.keys(contexts);
  const others = known.length === 0 ? "" : ` (there are: ${known.join(", ")})`;
  throw new Error(
    `there is no context '${name}'${others}: 'swarmctl context add ${name} ADDRESS' adds it.`,
  );
}

export function writeContexts(path: string, contexts: Contexts): void {
  makeFolder(dirname(path), 0o700);
  replaceFile(path, stringify(contexts));
}
