import { constants } from "node:os";
import { setTimeout as pause } from "node:timers/promises";
import type { Service } from "../../core/model/service.ts";
import { drainProgress } from "../../core/observe/drain-progress.ts";
import { type Progress, serviceProgress } from "../../core/observe/service-progress.ts";
import { oneLine } from "./output.ts";
import type { Session, Surroundings } from "./session.ts";

const lookEveryMs = 200;
/** How long everything must have been as wanted before it counts: tasks may fail at once. */
const steadyMs = 1_000;

/** Follows the service until it is as wanted; says how far it is. Throws when it is stuck. */
export function follow(session: Session, name: string): Promise<void> {
  return watch(session.surroundings, {
    name,
    done: "as wanted",
    how: `swarmctl service ps ${name}`,
    look: () => serviceNow(session, name),
  });
}

/** The same of a node that is drained, until it runs nothing any more. */
export function followDrain(session: Session, id: string, name: string): Promise<void> {
  return watch(session.surroundings, {
    name,
    done: "empty",
    how: `swarmctl node ps ${name}`,
    look: () => nodeNow(session, id, name),
  });
}

/** Something that is waited for. */
interface Watched {
  readonly name: string;
  /** What it is called in the end. */
  readonly done: string;
  /** The command that shows how far it is. */
  readonly how: string;
  readonly look: () => Promise<Progress>;
}

async function watch(surroundings: Surroundings, watched: Watched): Promise<void> {
  const { name, how } = watched;
  const interrupted = () => {
    surroundings.out(`\n${name}: this goes on without you: '${how}' shows how far it is\n`);
    process.exit(128 + constants.signals.SIGINT);
  };
  process.once("SIGINT", interrupted);
  try {
    await untilDone(surroundings, watched);
  } finally {
    process.off("SIGINT", interrupted);
  }
}

async function untilDone(
  { out, now, isTerminal }: Surroundings,
  { name, done, look }: Watched,
): Promise<void> {
  let shown = "";
  let doneSince: number | null = null;
  for (;;) {
    const progress = await look();
    const line = oneLine(progress.line);
    if (line !== shown) out(lineOf(line, isTerminal));
    shown = line;
    if (progress.isStuck !== null) throw new Error(progress.isStuck);
    if (!progress.isDone) doneSince = null;
    else doneSince ??= now();
    if (doneSince !== null && now() - doneSince >= steadyMs) break;
    await pause(lookEveryMs);
  }
  out(`${isTerminal ? "\n" : ""}${name}: ${done}\n`);
}

async function serviceNow({ client }: Session, name: string): Promise<Progress> {
  const [service] = await client.query({ kind: "get-service", name });
  if (service === undefined) throw new Error(`service '${name}' was removed meanwhile`);
  const tasks = await client.query({ kind: "list-tasks", service: service.id });
  const nodes = await client.query({ kind: "list-nodes" });
  const progress = serviceProgress(service, tasks, new Map(nodes.map((node) => [node.id, node])));
  const { isStuck } = progress;
  return { ...progress, isStuck: isStuck === null ? null : withAdvice(service, isStuck) };
}

async function nodeNow({ client }: Session, id: string, name: string): Promise<Progress> {
  const nodes = await client.query({ kind: "list-nodes" });
  const node = nodes.find((each) => each.id === id);
  if (node === undefined) throw new Error(`node '${name}' was removed meanwhile`);
  return drainProgress(node, await client.query({ kind: "list-tasks", service: null }));
}

/** In the place of the one before: a terminal that is too narrow is to cut it, not to wrap it. */
function lineOf(line: string, isTerminal: boolean): string {
  return isTerminal ? `\r\u001b[2K\u001b[?7l${line}\u001b[?7h` : `${line}\n`;
}

function withAdvice({ spec: { name }, previousSpec }: Service, reason: string): string {
  const back = previousSpec === null ? "" : `, or go back with 'swarmctl service rollback ${name}'`;
  return `${reason}. Correct the spec with 'swarmctl service update'${back}.`;
}
