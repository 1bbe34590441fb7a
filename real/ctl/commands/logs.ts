import { type Command, InvalidArgumentError } from "commander";
import type { Timestamp } from "../../../core/base/time.ts";
import type { Task } from "../../../core/model/task.ts";
import { countOf, durationOf } from "../../command-line/units.ts";
import { type LogEntry, type LogsRequest, logEntry } from "../../wire/logs.ts";
import { readable } from "../../wire/readable.ts";
import { hostnames, pick, pickNamed } from "../find.ts";
import type { Run } from "../run.ts";
import type { Session } from "../session.ts";

const never = 0 as Timestamp;

/** What a name may be of. */
type Kind = "service" | "task";

interface LogCommandOptions {
  readonly follow?: boolean;
  readonly tail?: number;
  readonly since?: Timestamp;
  readonly until?: Timestamp;
  readonly timestamps?: boolean;
  readonly raw?: boolean;
}

/** `logs` below `parent`, for names of these kinds. */
export function logsCommand(parent: Command, run: Run, kinds: readonly Kind[]): void {
  const words = kinds.join("-or-");
  parent
    .command(`logs <${words}...>`)
    .alias("log")
    .description(
      `what ${kinds.map((kind) => `${kind}s`).join(" or ")} have written; ` +
        "with --format json a line each",
    )
    .option("-f, --follow", "go on with what is written from now on")
    .option("-n, --tail <count>", "begin with so many of the last lines of each task", countOf)
    .option("--since <moment>", "nothing older: 10m, or 2026-01-31T10:00:00Z", momentOf)
    .option("--until <moment>", "nothing newer", momentOf)
    .option("-t, --timestamps", "with the moment of each line")
    .option("--raw", "without the names of tasks and nodes")
    .action(
      run((session, names: readonly string[], options: LogCommandOptions) =>
        show(session, kinds, names, options),
      ),
    );
}

/** A span before now, or a moment as RFC 3339 has it. */
function momentOf(text: string): Timestamp {
  const atMs = Date.parse(text);
  if (/^\d{4}-/.test(text) && !Number.isNaN(atMs)) return (atMs * 1_000) as Timestamp;
  try {
    return (Date.now() * 1_000 - durationOf(text)) as Timestamp;
  } catch {
    throw new InvalidArgumentError(
      `'${text}' is no moment: write a span such as 10m, or 2026-01-31T10:00:00Z.`,
    );
  }
}

async function show(
  session: Session,
  kinds: readonly Kind[],
  names: readonly string[],
  options: LogCommandOptions,
): Promise<void> {
  const { follow = false, tail = null, since = never, until = never } = options;
  const selected = await selection(session, kinds, names);
  const hosts = await hostnames(session);
  const stop = new AbortController();
  process.once("SIGINT", () => stop.abort());
  const missing: string[] = [];
  const request = { ...selected, range: { follow, tail, since, until } };
  for await (const entry of session.client.logs(request, stop.signal)) {
    if (entry.kind === "missing") missing.push(entry.reason);
    else {
      const stream = entry.line.stream === "stdout" ? "out" : "err";
      session.item(lineOf(entry, hosts, options), () => readable(logEntry, entry), stream);
    }
  }
  if (missing.length > 0) throw new Error(`some logs could not be read: ${missing.join("; ")}`);
}

async function selection(
  { client }: Session,
  kinds: readonly Kind[],
  names: readonly string[],
): Promise<Omit<LogsRequest, "range">> {
  const found = { services: [] as string[], tasks: [] as string[] };
  const known = kinds.includes("service") ? await client.query({ kind: "list-services" }) : [];
  const tasks = kinds.includes("task")
    ? await client.query({ kind: "list-tasks", service: null })
    : [];
  for (const name of names) {
    const service = known.find(({ id, spec }) => id === name || spec.name === name);
    if (service !== undefined) found.services.push(service.id);
    else if (kinds.includes("task")) found.tasks.push(...tasksNamed(tasks, name, kinds));
    else found.services.push(pickNamed("service", known, name).id);
  }
  return found;
}

/** All attempts of a slot have its name. */
function tasksNamed(
  tasks: readonly Task[],
  name: string,
  kinds: readonly Kind[],
): readonly string[] {
  const named = tasks.filter((task) => task.name === name);
  if (named.length > 0) return named.map(({ id }) => id);
  return [pick(kinds.join(" or "), tasks, name, (task) => task.name, kinds[0]).id];
}

function lineOf(
  { line, taskName, taskId, nodeId }: LogEntry & { kind: "written" },
  hosts: ReadonlyMap<string, string>,
  { timestamps, raw }: LogCommandOptions,
): string {
  const at = timestamps === true ? `${new Date(line.at / 1_000).toISOString()} ` : "";
  const whose = `${taskName}.${taskId.slice(0, 12)}@${hosts.get(nodeId) ?? nodeId}`;
  return `${at}${raw === true ? "" : `${whose}    | `}${line.text}`;
}
