import { type ChildProcess, spawn } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { ChannelCredentials } from "@grpc/grpc-js";
import { serviceSpec } from "../core/model/service-defaults.ts";
import { ControlClient } from "./api/control-client.ts";
import { freePort } from "./daemon/dev.ts";

/**
 * One manager as a process on this machine, on its real disk: how much memory it takes, and how
 * fast it creates and lists services over its socket. Every creation is durable when it is
 * answered. Services want no replicas, so that nothing else is measured.
 */

const services = 1_000;
const connections = 16;
const lists = 30;

class Bench {
  readonly #folder = mkdtempSync(join(tmpdir(), "swarmd-bench-"));
  #process: ChildProcess | null = null;

  async run(): Promise<void> {
    await this.#start();
    const first = this.#client();
    await this.#founded(first);
    await pause(5_000);
    row("memory, idle", `${this.#residentMb()} MB`);
    row("services created, one connection", `${await this.#create([first], "one")} /s`);
    await pause(2_000);
    row("memory, 1,000 services", `${this.#residentMb()} MB`);
    row("list 1,000 services", `${await listMs(first)} ms`);
    const many = Array.from({ length: connections }, () => this.#client());
    row(`services created, ${connections} connections`, `${await this.#create(many, "many")} /s`);
    for (const client of [first, ...many]) client.close();
  }

  stop(): void {
    this.#process?.kill("SIGKILL");
    rmSync(this.#folder, { recursive: true, force: true });
  }

  get #socket(): string {
    return join(this.#folder, "swarmd.sock");
  }

  async #start(): Promise<void> {
    const program = fileURLToPath(new URL("swarmd.js", import.meta.url));
    const args = [
      ...["--state-dir", join(this.#folder, "node"), "--executor", "process"],
      ...["--listen-remote-api", `127.0.0.1:${await freePort()}`],
      ...["--listen-control-api", this.#socket, "--log-level", "warn", ...process.argv.slice(2)],
    ];
    this.#process = spawn(process.execPath, [program, ...args], { stdio: "inherit" });
  }

  #client(): ControlClient {
    return new ControlClient(`unix://${this.#socket}`, ChannelCredentials.createInsecure(), 30_000);
  }

  async #founded(client: ControlClient): Promise<void> {
    for (let found = 0; found === 0; await pause(100)) {
      found = await client.query({ kind: "list-nodes" }).then(
        (nodes) => nodes.length,
        () => 0,
      );
    }
  }

  /** Creates so many services, each client one at a time; how many a second. */
  async #create(clients: readonly ControlClient[], prefix: string): Promise<number> {
    const started = performance.now();
    let next = 0;
    const work = async (client: ControlClient) => {
      while (next < services) {
        next += 1;
        const spec = serviceSpec(`${prefix}-${next}`, "nginx:1.27", 0);
        await client.command({ kind: "create-service", spec });
      }
    };
    await Promise.all(clients.map(work));
    return Math.round((services * 1000) / (performance.now() - started));
  }

  #residentMb(): number {
    const status = readFileSync(`/proc/${this.#process?.pid}/status`, "utf8");
    return Math.round(Number(/VmRSS:\s+(\d+)/.exec(status)?.[1]) / 1024);
  }
}

/** The median of many. */
async function listMs(client: ControlClient): Promise<string> {
  const times: number[] = [];
  for (let count = 0; count < lists; count += 1) {
    const started = performance.now();
    await client.query({ kind: "list-services" });
    times.push(performance.now() - started);
  }
  return (times.sort((left, right) => left - right)[lists / 2] as number).toFixed(1);
}

function row(what: string, figure: string): void {
  process.stdout.write(`${what.padEnd(36)}${figure}\n`);
}

const bench = new Bench();
await bench.run().finally(() => bench.stop());
