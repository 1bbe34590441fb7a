import { PassThrough, Writable } from "node:stream";
import { setTimeout as sleep } from "node:timers/promises";
import { RestlessSource } from "./bench-source.ts";
import { lookOf } from "./look.ts";

/**
 * What drawing costs: a cluster of 50 nodes and 1,000 tasks that never rests, thirty pictures a
 * second, in each view. By processor time, so that it can be measured beside other work.
 */

// React looks at it when it is loaded.
process.env.NODE_ENV = "production";
const { showOn } = await import("./terminal.tsx");

/** A terminal in memory that counts what it is told. */
class CountingTerminal extends Writable {
  readonly isTTY = true;
  readonly columns: number;
  readonly rows: number;
  writes = 0;
  bytes = 0;

  constructor(columns: number, rows: number) {
    super();
    this.columns = columns;
    this.rows = rows;
  }

  override _write(chunk: Buffer, _encoding: string, done: () => void): void {
    this.writes += 1;
    this.bytes += chunk.length;
    done();
  }
}

/** Keys from nobody. */
function keyboard() {
  const keys = new PassThrough();
  const nothing = () => keys;
  return Object.assign(keys, { isTTY: true, setRawMode: nothing, ref: nothing, unref: nothing });
}

const look = lookOf({ LANG: "C.UTF-8", TERM: "xterm-256color" }, false);
const spanMs = 2_000;
const viewNames = ["cluster", "services", "tasks", "raft", "events", "invariants"];

async function measure(columns: number, rows: number): Promise<void> {
  const stdout = new CountingTerminal(columns, rows);
  const stdin = keyboard();
  const source = new RestlessSource({ nodes: 50, tasks: 1_000 }, 1000 / 30);
  const terminal = {
    stdin: stdin as unknown as NodeJS.ReadStream,
    stdout: stdout as unknown as NodeJS.WriteStream,
  };
  const ended = showOn(terminal, source, look);
  for (const [at, name] of viewNames.entries()) {
    stdin.write(String(at + 1));
    await sleep(500);
    const { writes, bytes } = stdout;
    const [cpu, startedAt] = [process.cpuUsage(), performance.now()];
    await sleep(spanMs);
    const { user, system } = process.cpuUsage(cpu);
    const took = performance.now() - startedAt;
    const pictures = stdout.writes - writes;
    console.log(
      `${`${columns}x${rows}`.padEnd(8)} ${name.padEnd(11)}` +
        `${((pictures * 1000) / took).toFixed(1).padStart(6)} pictures/s` +
        `${((user + system) / 10 / took).toFixed(1).padStart(7)} % of a core` +
        `${((stdout.bytes - bytes) / pictures / 1000).toFixed(1).padStart(7)} kB/picture`,
    );
  }
  stdin.write("q");
  await ended;
}

await measure(80, 24);
await measure(160, 50);
