import type { Readable } from "node:stream";
import type Docker from "dockerode";
import type { Timestamp } from "../../core/base/time.ts";
import type { LogLine, LogOptions } from "../engine.ts";
import { LineSplitter, linesOf } from "../lines.ts";
import { engineReason, patience } from "./client.ts";

/** Before each piece of output: the stream, three bytes of nothing, the length. */
const headerBytes = 8;

/**
 * The lines of a container's log, taken from the engine no faster than they are read. Rejects when
 * the engine can't be asked.
 */
export async function* containerLogs(
  docker: Docker,
  id: string,
  options: LogOptions,
): AsyncGenerator<LogLine> {
  const { Config: config } = await docker.getContainer(id).inspect(patience());
  const stream = await openLogs(docker, id, options);
  try {
    yield* config.Tty ? terminalLines(stream) : framedLines(stream);
  } finally {
    stream.destroy();
  }
}

/** A stream even where nothing is followed: dockerode would first read all of it. */
function openLogs(docker: Docker, id: string, asked: LogOptions): Promise<Readable> {
  const { follow, tail, since, until, signal } = asked;
  const options = {
    path: `/containers/${id}/logs?`,
    options: {
      ...{ stdout: true, stderr: true, timestamps: true, follow },
      ...(tail === null ? {} : { tail }),
      ...(since === 0 ? {} : { since: secondsText(since) }),
      ...(until === 0 ? {} : { until: secondsText(until) }),
    },
    method: "GET",
    isStream: true,
    statusCodes: { 200: true, 404: "no such container", 500: "server error" },
    ...(signal === undefined ? {} : { abortSignal: signal }),
  };
  return new Promise((resolve, reject) => {
    docker.modem.dial(options, (error, stream) => {
      if (error == null) resolve(stream as Readable);
      else reject(new Error(engineReason(error)));
    });
  });
}

function secondsText(at: Timestamp): string {
  return (at / 1_000_000).toFixed(6);
}

async function* terminalLines(stream: Readable): AsyncGenerator<LogLine> {
  for await (const line of linesOf(stream)) yield parsed("stdout", line.replace(/\r$/, ""));
}

async function* framedLines(stream: Readable): AsyncGenerator<LogLine> {
  const splitters = { stdout: new LineSplitter(), stderr: new LineSplitter() };
  for await (const { name, bytes } of framesOf(stream)) {
    for (const line of splitters[name].push(bytes)) yield parsed(name, line);
  }
  for (const name of ["stdout", "stderr"] as const) {
    const rest = splitters[name].end();
    if (rest !== "") yield parsed(name, rest);
  }
}

interface OutputFrame {
  readonly name: "stdout" | "stderr";
  readonly bytes: Buffer;
}

/** Takes the pieces out of the engine's frames, which know nothing of chunks. */
async function* framesOf(stream: Readable): AsyncGenerator<OutputFrame> {
  let held = Buffer.alloc(0);
  for await (const chunk of stream) {
    held = Buffer.concat([held, chunk as Buffer]);
    while (held.length >= headerBytes) {
      const end = headerBytes + held.readUInt32BE(4);
      if (held.length < end) break;
      const name = held[0] === 2 ? "stderr" : "stdout";
      yield { name, bytes: held.subarray(headerBytes, end) };
      held = held.subarray(end);
    }
  }
}

/** Each line begins with its moment, as RFC 3339 has it, and a blank. */
function parsed(stream: LogLine["stream"], line: string): LogLine {
  const blank = line.indexOf(" ");
  const found = /^(.*T\d+:\d+:\d+)(?:\.(\d+))?(Z|[-+]\d+:\d+)$/.exec(line.slice(0, blank));
  const atMs = Date.parse(`${found?.[1]}${found?.[3]}`);
  if (Number.isNaN(atMs)) return { stream, at: 0 as Timestamp, text: line };
  const micros = Number((found?.[2] ?? "").padEnd(6, "0").slice(0, 6));
  return { stream, at: (atMs * 1_000 + micros) as Timestamp, text: line.slice(blank + 1) };
}
