import type { Timestamp } from "../../core/base/time.ts";
import type { Task } from "../../core/model/task.ts";
import type { LogLine } from "../engine.ts";
import type { LogBroker } from "../logs/log-broker.ts";
import type { LogEntry, LogRange, LogsRequest } from "../wire/logs.ts";
import { isOlder } from "./api-version.ts";
import type { Cluster } from "./cluster.ts";
import { isOn, pick } from "./lookup.ts";
import { momentOf } from "./moment.ts";
import { ApiError, type ApiRequest, type ApiResponse, type Route, route } from "./routes.ts";
import { Services } from "./services.ts";

/** The first byte of a frame; Docker's clients end with what comes as an error. */
const streamNumber = { stdout: 1, stderr: 2, error: 3 } as const;
const headerBytes = 8;

/** `/services/:id/logs` and `/tasks/:id/logs`: what the tasks have written, wherever they run. */
export function logRoutes(cluster: Cluster, broker: LogBroker): Route[] {
  const services = new Services(cluster);
  const ofService: Route["handle"] = async (request) => {
    const { id: name = "" } = request.params;
    const { id, spec } = await services.named(name);
    return answer(request, broker, { services: [id], tasks: [] }, spec.task.container.tty);
  };
  const ofTask: Route["handle"] = async (request) => {
    const { id: name = "" } = request.params;
    const { id, spec } = pick(
      "task",
      await cluster.query({ kind: "list-tasks", service: null }),
      name,
      (task: Task) => task.name,
    );
    return answer(request, broker, { services: [], tasks: [id] }, spec.container.tty);
  };
  return [route("GET", "/services/:id/logs", ofService), route("GET", "/tasks/:id/logs", ofTask)];
}

/** What of a line is shown. */
interface Shown {
  readonly stdout: boolean;
  readonly stderr: boolean;
  readonly timestamps: boolean;
  readonly details: boolean;
  /** A terminal's output is one stream, without frames. */
  readonly isTerminal: boolean;
}

function answer(
  request: ApiRequest,
  broker: LogBroker,
  selected: Omit<LogsRequest, "range">,
  isTerminal: boolean,
): ApiResponse {
  const shown: Shown = {
    stdout: isOn(request, "stdout"),
    stderr: isOn(request, "stderr"),
    timestamps: isOn(request, "timestamps"),
    details: isOn(request, "details"),
    isTerminal,
  };
  if (!shown.stdout && !shown.stderr) {
    throw new ApiError(400, "Bad parameters: you must choose at least one stream");
  }
  const entries = broker.logs({ ...selected, range: rangeOf(request) }, request.signal);
  const framing = isTerminal || isOlder(request.version, "1.42") ? "raw" : "multiplexed";
  return {
    status: 200,
    headers: { "content-type": `application/vnd.docker.${framing}-stream` },
    stream: bytesOf(entries, shown),
  };
}

function rangeOf(request: ApiRequest): LogRange {
  const { query } = request;
  return {
    follow: isOn(request, "follow"),
    tail: tailOf(query.get("tail") ?? "all"),
    since: (momentOf("since", query.get("since")) ?? 0) as Timestamp,
    until: (momentOf("until", query.get("until")) ?? 0) as Timestamp,
  };
}

function tailOf(text: string): number | null {
  if (text === "all" || text === "") return null;
  if (/^\d{1,15}$/.test(text)) return Number(text);
  throw new ApiError(400, 'tail value must be a positive integer or "all"');
}

async function* bytesOf(
  entries: AsyncIterable<LogEntry>,
  shown: Shown,
): AsyncGenerator<Uint8Array> {
  const missing: string[] = [];
  for await (const entry of entries) {
    if (entry.kind === "missing") missing.push(entry.reason);
    else if (shown[entry.line.stream]) yield bytesOfLine(entry, shown);
  }
  if (missing.length > 0) yield incomplete(missing, shown);
}

function bytesOfLine(entry: LogEntry & { kind: "written" }, shown: Shown): Uint8Array {
  const { line, nodeId, serviceId, taskId } = entry;
  const prefix = "com.docker.swarm";
  const details = [
    `${prefix}.node.id=${nodeId}`,
    `${prefix}.service.id=${serviceId}`,
    `${prefix}.task.id=${taskId}`,
  ].join(",");
  const at = shown.timestamps ? `${rfc3339(line)} ` : "";
  const text = `${at}${shown.details ? `${details} ` : ""}${line.text}`;
  return shown.isTerminal ? Buffer.from(`${text}\r\n`) : framed(line.stream, `${text}\n`);
}

/** Always nine digits of a second, so that lines are in order as texts. */
function rfc3339({ at }: LogLine): string {
  const micros = String(at % 1_000_000).padStart(6, "0");
  return new Date(at / 1_000).toISOString().replace(/\.\d+Z$/, `.${micros}000Z`);
}

/** In SwarmKit's words. */
function incomplete(reasons: readonly string[], { isTerminal }: Shown): Uint8Array {
  const text =
    "Error grabbing logs: rpc error: code = Unknown desc = warning: incomplete log stream. some " +
    `logs could not be retrieved for the following reasons: ${reasons.join(", ")}\n`;
  return isTerminal ? Buffer.from(text) : framed("error", text);
}

function framed(stream: keyof typeof streamNumber, text: string): Uint8Array {
  const length = Buffer.byteLength(text);
  const frame = Buffer.alloc(headerBytes + length);
  frame[0] = streamNumber[stream];
  frame.writeUInt32BE(length, 4);
  frame.write(text, headerBytes);
  return frame;
}
