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
 * answered. Services want no replicas, so that nothing else is measured. A manager that has just
 * started is slower than it is later: its code is not compiled yet. That of the client is, by
 * asking the same of a manager before that nobody measures.
 */

const services = 1_000;
const connections = 16;
const lists = 30;
/** The unit of the processor's time in /proc. */
const tickMs = 10;

class Bench {
  readonly #folder = mkdtempSync(join(tmpdir(), "swarmd-bench-"));
  #process: ChildProcess | null = null;

  /** The manager has nothing to do for `restMs` before its memory is read. */
  async run(restMs: number, row: (what: string, figure: string) => void): Promise<void> {
    await this.#start();
    const first = this.#client();
    await this.#founded(first);
    await pause(restMs);
    row("memory, idle", `${this.#residentMb()} MB`);
    row("services created, one connection", await this.#create([first], "one"));
    await pause(restMs);
    row("memory, 1,000 services", `${this.#residentMb()} MB`);
    row("list 1,000 services", await this.#list(first));
    const many = Array.from({ length: connections }, () => this.#client());
    row(`services created, ${connections} connections`, await this.#create(many, "many"));
    row("one connection, later", await this.#create([first], "one-later"));
    row(`${connections} connections, later`, await this.#create(many, "many-later"));
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
    const program = fileURLToPath(new URL("../bin/swarmd.js", import.meta.url));
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

  /** Creates this many services, each client one at a time; how many a second. */
  async #create(clients: readonly ControlClient[], prefix: string): Promise<string> {
    const [started, worked] = [performance.now(), this.#workedMs()];
    let next = 0;
    const work = async (client: ControlClient) => {
      while (next < services) {
        next += 1;
        const spec = serviceSpec(`${prefix}-${next}`, "nginx:1.27", 0);
        await client.command({ kind: "create-service", spec });
      }
    };
    await Promise.all(clients.map(work));
    const rate = Math.round((services * 1000) / (performance.now() - started));
    return `${rate} /s${perCall(this.#workedMs() - worked, services)}`;
  }

  /** The median of many. */
  async #list(client: ControlClient): Promise<string> {
    const times: number[] = [];
    const worked = this.#workedMs();
    for (let count = 0; count < lists; count += 1) {
      const started = performance.now();
      await client.query({ kind: "list-services" });
      times.push(performance.now() - started);
    }
    const median = times.sort((left, right) => left - right)[lists / 2] as number;
    return `${median.toFixed(1)} ms${perCall(this.#workedMs() - worked, lists)}`;
  }

  /** What the processors have worked for the manager and for this program, in milliseconds. */
  #workedMs(): number {
    const fields = readFileSync(`/proc/${this.#process?.pid}/stat`, "utf8").split(") ")[1];
    const [user, system] = (fields ?? "").split(" ").slice(11, 13).map(Number);
    const own = process.cpuUsage();
    return ((user ?? 0) + (system ?? 0)) * tickMs + (own.user + own.system) / 1000;
  }

  #residentMb(): number {
    const status = readFileSync(`/proc/${this.#process?.pid}/status`, "utf8");
    return Math.round(Number(/VmRSS:\s+(\d+)/.exec(status)?.[1]) / 1024);
  }
}

function perCall(workedMs: number, calls: number): string {
  return `   (${(workedMs / calls).toFixed(2)} ms of processor a call, both ends)`;
}

function row(what: string, figure: string): void {
  process.stdout.write(`${what.padEnd(36)}${figure}\n`);
}

const unmeasured = new Bench();
await unmeasured.run(0, () => undefined).finally(() => unmeasured.stop());
const bench = new Bench();
await bench.run(5_000, row).finally(() => bench.stop());
