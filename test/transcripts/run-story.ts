import { Arguments } from "./arguments.ts";
import { Arithmetic, committed, vote } from "./arithmetic.ts";
import { Cluster } from "./cluster.ts";
import { clusterVerbs, type Verb } from "./commands.ts";
import { type Block, StoryError } from "./story.ts";

/** Plays a story from its commands alone; the blocks that come back show what happened. */
export function runStory(path: string, blocks: readonly Block[]): Block[] {
  const cluster = new Cluster();
  const verbs = new Map([...Object.entries(clusterVerbs), ...arithmeticVerbs()]);
  return blocks.map((block) => {
    if (block.command === null) return block;
    try {
      return { ...block, shown: runCommand(cluster, verbs, block.command) };
    } catch (error) {
      throw new StoryError(path, block.line, error instanceof Error ? error.message : `${error}`);
    }
  });
}

/** The trace of one command; `quietly` before it keeps only that it was done. */
function runCommand(
  cluster: Cluster,
  verbs: ReadonlyMap<string, Verb>,
  command: string,
): readonly string[] {
  const quiet = command.startsWith("quietly ");
  const args = new Arguments(quiet ? command.slice("quietly ".length) : command);
  const verb = verbs.get(args.verb);
  if (verb === undefined) throw new Error(`there is no command ${args.verb}`);
  verb(cluster, args);
  args.done();
  const trace = cluster.takeTrace();
  return quiet || trace.length === 0 ? ["ok"] : trace;
}

function arithmeticVerbs(): [name: string, verb: Verb][] {
  const arithmetic = new Arithmetic();
  return [
    ["membership", (cluster, args) => cluster.note(arithmetic.membership(args))],
    ["change", (cluster, args) => cluster.note(arithmetic.change(args))],
    ["committed", (cluster, args) => cluster.note(committed(args))],
    ["vote", (cluster, args) => cluster.note(vote(args))],
  ];
}
