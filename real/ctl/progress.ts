import { constants } from "node:os";
import { setTimeout as pause } from "node:timers/promises";
import type { Service } from "../../core/model/service.ts";
import { serviceProgress } from "../../core/observe/service-progress.ts";
import type { ControlClient } from "../api/control-client.ts";
import { oneLine } from "./output.ts";
import type { Session } from "./session.ts";

const lookEveryMs = 200;
/** How long everything must have been as wanted before it counts: tasks may fail at once. */
const steadyMs = 1_000;

/** Follows the service until it is as wanted; says how far it is. Throws when it is stuck. */
export async function follow(session: Session, name: string): Promise<void> {
  const { surroundings } = session;
  const interrupted = () => {
    const how = `'swarmctl service ps ${name}' shows how far it is`;
    surroundings.out(`\n${name}: this goes on without you: ${how}\n`);
    process.exit(128 + constants.signals.SIGINT);
  };
  process.once("SIGINT", interrupted);
  try {
    await untilAsWanted(session, name);
  } finally {
    process.off("SIGINT", interrupted);
  }
}

async function untilAsWanted({ client, surroundings }: Session, name: string): Promise<void> {
  let shown = "";
  let doneSince: number | null = null;
  for (;;) {
    const [service] = await client.query({ kind: "get-service", name });
    if (service === undefined) throw new Error(`service '${name}' was removed meanwhile`);
    const progress = await progressOf(client, service);
    const line = oneLine(progress.line);
    if (line !== shown) surroundings.out(lineOf(line, surroundings.isTerminal));
    shown = line;
    if (progress.isStuck !== null) throw new Error(stuck(service, progress.isStuck));
    if (!progress.isDone) doneSince = null;
    else doneSince ??= surroundings.now();
    if (doneSince !== null && surroundings.now() - doneSince >= steadyMs) break;
    await pause(lookEveryMs);
  }
  surroundings.out(`${surroundings.isTerminal ? "\n" : ""}${name}: as wanted\n`);
}

async function progressOf(client: ControlClient, service: Service) {
  const tasks = await client.query({ kind: "list-tasks", service: service.id });
  const nodes = await client.query({ kind: "list-nodes" });
  return serviceProgress(service, tasks, new Map(nodes.map((node) => [node.id, node])));
}

/** In the place of the one before: a terminal that is too narrow is to cut it, not to wrap it. */
function lineOf(line: string, isTerminal: boolean): string {
  return isTerminal ? `\r\u001b[2K\u001b[?7l${line}\u001b[?7h` : `${line}\n`;
}

function stuck({ spec: { name }, previousSpec }: Service, reason: string): string {
  const back = previousSpec === null ? "" : `, or go back with 'swarmctl service rollback ${name}'`;
  return `${reason}. Correct the spec with 'swarmctl service update'${back}.`;
}
