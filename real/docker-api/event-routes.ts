import { longestMs } from "../clock.ts";
import { linesOf } from "../lines.ts";
import { LineMerge } from "../logs/line-merge.ts";
import type { EngineConnection } from "./engine-connection.ts";
import { type DockerEvent, eventLine, isIncluded } from "./event.ts";
import type { EventLog } from "./event-log.ts";
import { type Filters, filtersOf } from "./filters.ts";
import { momentOf } from "./moment.ts";
import { PushQueue } from "./push-queue.ts";
import { type ApiRequest, type Route, route } from "./routes.ts";

/** Docker's filters of events. Most are about what an engine does, which is told of them too. */
const known = [
  ...["config", "container", "daemon", "event", "image", "label", "network", "node", "plugin"],
  ...["scope", "secret", "service", "type", "volume"],
];
/** Events that a client may be behind before it is cut off. */
const behindMost = 4_096;

/** Which events a client wants; moments in microseconds since 1970. */
interface Wanted {
  readonly filters: Filters;
  /** Null: none that are past. */
  readonly since: number | null;
  /** Null: for ever. */
  readonly until: number | null;
}

/** `/events`: the swarm's, and those of the node's own engine where there is one. */
export function eventRoutes(log: EventLog, engine: EngineConnection | null): Route[] {
  const handle: Route["handle"] = async (request) => {
    const { query, signal } = request;
    const filters = filtersOf(request, known);
    const since = momentOf("since", query.get("since"));
    const until = momentOf("until", query.get("until"));
    const merge = new LineMerge<string>();
    merge.add(swarmEvents(log, { filters, since, until }, signal));
    if (engine !== null) merge.add(engineEvents(engine, request));
    merge.close();
    const headers = { "content-type": "application/json" };
    return { status: 200, headers, stream: bytesOf(merge.items()) };
  };
  return [route("GET", "/events", handle)];
}

async function* bytesOf(lines: AsyncIterable<string>): AsyncGenerator<Uint8Array> {
  for await (const line of lines) yield Buffer.from(line);
}

/** An engine that is not there, or stops, has no events. */
async function* engineEvents(
  engine: EngineConnection,
  { query, signal }: ApiRequest,
): AsyncGenerator<string> {
  try {
    for await (const line of linesOf(await engine.get("/events", `?${query}`, signal))) {
      if (line !== "") yield `${line}\n`;
    }
  } catch {
    // Nobody is told: the swarm's events go on.
  }
}

async function* swarmEvents(
  log: EventLog,
  { filters, since, until }: Wanted,
  signal: AbortSignal,
): AsyncGenerator<string> {
  const queue = new PushQueue<DockerEvent>(behindMost);
  const isIn = (event: DockerEvent) => isIncluded(event, filters);
  const unlisten = log.listen((event) => {
    if (isIn(event)) queue.push(event);
  });
  signal.addEventListener("abort", queue.end);
  const left = until === null ? Number.POSITIVE_INFINITY : until / 1_000 - Date.now();
  const timer = left > longestMs ? undefined : setTimeout(queue.end, Math.max(0, left));
  try {
    for (const event of since === null ? [] : log.since(since)) {
      if (isIn(event) && (until === null || event.at <= until)) yield eventLine(event);
    }
    for await (const event of queue.items()) yield eventLine(event);
  } finally {
    unlisten();
    clearTimeout(timer);
  }
}
