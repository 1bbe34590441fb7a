#!/usr/bin/env node
import { fileURLToPath } from "node:url";
import { setFlagsFromString } from "node:v8";
import { swarmdCommand } from "./daemon/command.ts";
import { Daemon } from "./daemon/daemon.ts";
import { DevCluster, type DevOptions } from "./daemon/dev.ts";
import { dump } from "./daemon/dump.ts";
import { newLog } from "./daemon/log.ts";
import { restoreNode } from "./daemon/node-backup.ts";
import type { DaemonOptions } from "./daemon/options.ts";
import { bytesIn, troubleOf } from "./text-file.ts";

/**
 * V8 compiles a function for speed once this many bytes of its code have run; by itself Node 20
 * waits for eight times as many. A manager's first thousands of requests take little more than half
 * the processor so. What runs once, while a node starts, is not worth it, nor what runs twenty
 * times, while a service is scaled: that is compiled with fewer bytes. Node 22 compiles in one step
 * more and has no such flag.
 */
const sooner = "--interrupt-budget=8000";

function complain(error: unknown): void {
  process.stderr.write(`swarmd: ${(error as Error).message}\n`);
  process.exitCode = 1;
}

/** Runs one node until a signal ends it: a first one in order, a second one at once. */
async function run(options: DaemonOptions): Promise<void> {
  const log = newLog(options.logLevel, options.hostname);
  const failing = (reason: string) => {
    log.fatal(reason);
    complain(new Error(reason));
    process.exit(1);
  };
  process.on("uncaughtException", (error) => failing(error.stack ?? error.message));
  const daemon = new Daemon(options, log, failing);
  let isStopping = false;
  const stop = (signal: string) => {
    if (isStopping) process.exit(1);
    isStopping = true;
    log.info({ signal }, "stopping");
    daemon.stop().then(() => process.exit(0), failing);
  };
  process.on("SIGTERM", stop);
  process.on("SIGINT", stop);
  await daemon.start().catch((error) => {
    if (!isStopping) throw error;
  });
  if (Number.parseInt(process.versions.v8, 10) < 12) setFlagsFromString(sooner);
}

/** A cluster of processes of this program, until a signal ends it. */
async function dev(options: DevOptions): Promise<void> {
  const cluster = new DevCluster(options, fileURLToPath(import.meta.url));
  const stopped = new Promise<void>((resolve) => {
    for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) process.on(signal, () => resolve());
    process.stdout.on("error", () => resolve());
  });
  const tell = (text: string) => process.stdout.write(text);
  try {
    tell(`starting ${options.managers} managers and ${options.workers} workers\n`);
    const started = cluster.start(tell).then(() => tell(devGreeting(cluster)));
    await Promise.race([started.then(() => stopped), stopped]);
  } finally {
    tell("stopping the cluster\n");
    await cluster.stop();
  }
}

function devGreeting({ socket, dockerSocket, folder }: DevCluster): string {
  // npx says so: then the programs are not on the path either.
  const swarmctl = process.env.npm_command === "exec" ? "npx swarmctl" : "swarmctl";
  return `all nodes are ready. Talk to the cluster from another terminal:

  export SWARM_SOCKET=${socket}
  ${swarmctl} node ls
  ${swarmctl} service create --name web --image any --command sleep --args 1000 --replicas 5 --wait

or with Docker's own client:

  export DOCKER_HOST=unix://${dockerSocket}
  docker node ls
  docker service create --name web --replicas 5 --no-resolve-image sleep 1000

Logs are in ${folder}. Ctrl-C stops everything and removes it.
`;
}

async function restore(stateDir: string, file: string): Promise<void> {
  await restoreNode(stateDir, bytesIn(file));
  process.stdout.write(
    `${stateDir} is made of the backup. Start the node with it: it goes on alone. Nodes that ` +
      "find it where they knew a manager come back by themselves, managers as workers.\n",
  );
}

/** A reader that has ended, such as `head`, wants no more. */
function print(text: string): void {
  process.stdout.on("error", (error: NodeJS.ErrnoException) => {
    if (error.code === "EPIPE") process.exit(0);
    complain(new Error(`can't write what was asked for: ${troubleOf(error)}`));
    process.exit(1);
  });
  process.stdout.write(text);
}

const command = swarmdCommand({
  run,
  dev,
  restore,
  async dump(what, options, table) {
    print(await dump(what, options, table));
  },
});
command.parseAsync().catch((error) => {
  complain(error);
  process.exit(1);
});
