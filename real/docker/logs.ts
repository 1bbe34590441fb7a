import { Readable } from "node:stream";
import type Docker from "dockerode";
import type { LogLine, LogOptions } from "../engine.ts";
import { LineSplitter, linesOf } from "../lines.ts";
import { patience } from "./client.ts";

/** Before each piece of output: the stream, three bytes of nothing, the length. */
const headerBytes = 8;

/** The lines of a container's log. Rejects when the engine can't be asked. */
export async function* containerLogs(
  docker: Docker,
  id: string,
  { follow, tail, sinceMs, signal }: LogOptions,
): AsyncGenerator<LogLine> {
  const container = docker.getContainer(id);
  const { Config: config } = await container.inspect(patience());
  const asked = {
    stdout: true,
    stderr: true,
    timestamps: true,
    ...(tail === null ? {} : { tail }),
    ...(sinceMs === 0 ? {} : { since: sinceMs / 1_000 }),
    ...(signal === undefined ? {} : { abortSignal: signal }),
  };
  const stream = follow
    ? ((await container.logs({ ...asked, follow })) as Readable)
    : Readable.from([await container.logs({ ...asked, ...patience(), follow })]);
  try {
    yield* config.Tty ? terminalLines(stream) : framedLines(stream);
  } finally {
    stream.destroy();
  }
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
  const atMs = Date.parse(line.slice(0, blank).replace(/(\.\d{3})\d*/, "$1"));
  if (blank < 0 || Number.isNaN(atMs)) return { stream, atMs: 0, text: line };
  return { stream, atMs, text: line.slice(blank + 1) };
}
