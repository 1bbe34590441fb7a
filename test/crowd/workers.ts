import { join } from "node:path";
import { Daemon } from "../../real/daemon/daemon.ts";
import { newLog } from "../../real/daemon/log.ts";
import { type DaemonOptions, nodeCommand } from "../../real/daemon/options.ts";

async function start(options: DaemonOptions): Promise<void> {
  const failed = (reason: string) => console.error(`${options.hostname}: ${reason}`);
  const daemon = new Daemon(options, newLog(options.logLevel, options.hostname), failed);
  await daemon.start();
}

/** Free ports are not asked for: a thousand connections of other nodes take some meanwhile. */
function addressOf(number: number): string {
  return `127.77.${number >> 8}.${number & 0xff}:4242`;
}

async function worker(number: number, folder: string, manager: string): Promise<void> {
  const command = nodeCommand(start);
  const name = `w${number}`;
  const own = join(folder, name);
  const args = [
    ...["--state-dir", own, "--listen-control-api", `${own}.sock`, "--hostname", name],
    ...["--listen-remote-api", addressOf(number), "--join-addr", manager],
    ...["--executor", "process", "--log-level", "warn"],
  ];
  await command.parseAsync(args, { from: "user" });
}

/**
 * Many workers as this process, numbered from `first` on, with their token in SWARM_JOIN_TOKEN.
 * Null: they are up, until somebody ends it.
 */
export async function beWorkers([folder = "", first, count, manager = ""]: readonly string[]) {
  process.setMaxListeners(0);
  const numbers = Array.from({ length: Number(count) }, (_, at) => Number(first) + at);
  await Promise.all(numbers.map((number) => worker(number, folder, manager)));
  return null;
}
