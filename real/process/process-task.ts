import type { ChildProcess } from "node:child_process";
import { mkdirSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type {
  ContainerFile,
  ExecutorEvent,
  ExistingContainer,
} from "../../core/agent/executor-request.ts";
import { parsedJson } from "../../core/base/json.ts";
import type { Duration } from "../../core/base/time.ts";
import type { Task } from "../../core/model/task.ts";
import { longestMs } from "../clock.ts";
import type { LogLine, LogOptions } from "../engine.ts";
import type { MemoryFiles, Reader } from "../memory-files.ts";
import { asTask } from "./as-task.ts";
import { HealthCheck } from "./health-check.ts";
import { otherUser, type Plan, planOf, whyNotStartable } from "./plan.ts";
import {
  identityOf,
  isAlive,
  type ProcessIdentity,
  parseIdentity,
  readText,
  signalProcess,
  statOf,
} from "./proc.ts";
import { startShim } from "./shim.ts";
import { logBytesDefault, TaskLog } from "./task-log.ts";

/** Exit code of what ends by SIGKILL. */
const killed = 137;
/** How often a group is looked at that was started by an earlier life of the daemon. */
const lookEveryMs = 100;

export interface ProcessTools {
  readonly files: MemoryFiles;
  readonly give: (event: ExecutorEvent) => void;
  /** Since when the machine runs, see `bootId`. */
  readonly boot: string;
}

/** One task's group of processes, and its folder, which knows all about it. */
export class ProcessTask {
  readonly #task: string;
  readonly #folder: string;
  readonly #tools: ProcessTools;
  readonly #log: TaskLog;
  #plan: Plan | null = null;
  /** Up: `started` was said, or needs not be. */
  #phase: "none" | "created" | "starting" | "up" | "ended" = "none";
  #shim: ProcessIdentity | null = null;
  #isStopping = false;
  #isHealthy = false;
  #isUnhealthy = false;
  #check: HealthCheck | null = null;
  #killTimer: NodeJS.Timeout | null = null;
  #lookTimer: NodeJS.Timeout | null = null;

  constructor(task: string, folder: string, tools: ProcessTools) {
    this.#task = task;
    this.#folder = folder;
    this.#tools = tools;
    this.#log = new TaskLog(folder);
  }

  /**
   * Takes over what an earlier life of the daemon left; null when it left nothing whole: files that
   * were written just before the machine lost its power may be empty.
   */
  adopt(): ExistingContainer | null {
    const plan = parsedJson(readText(join(this.#folder, "plan.json")) ?? "");
    if (plan === undefined) return null;
    this.#plan = plan as Plan;
    this.look();
    this.#shim = parseIdentity(readText(join(this.#folder, "shim")));
    this.#isUnhealthy = readText(join(this.#folder, "unhealthy")) !== null;
    const left = { task: this.#task, exitCode: null, unhealthy: this.#isUnhealthy };
    if (this.#shim === null) {
      this.#phase = "created";
      return { ...left, state: "created" };
    }
    if (this.#exitCode() === null && isAlive(this.#shim)) {
      this.#phase = "up";
      this.#watch();
      this.#beginChecks();
      return { ...left, state: "running" };
    }
    this.#phase = "ended";
    const wentWithMachine = this.#shim.boot !== this.#tools.boot;
    if (!wentWithMachine && statOf(this.#shim.pid) === null) this.#kill();
    const exitCode = this.#exitCode() ?? (wentWithMachine ? null : killed);
    return { ...left, exitCode, state: "ended" };
  }

  prepare(assigned: Task, files: readonly ContainerFile[]): void {
    try {
      this.#place(files, otherUser(assigned.spec.container.user));
      const hasBegun = this.#phase !== "none" && this.#phase !== "created";
      const folders = { own: this.#folder, files: this.#tools.files.treeOf(this.#task) };
      if (!hasBegun) this.#create(planOf(assigned, folders));
    } catch (error) {
      return this.#refuse("prepare", (error as Error).message);
    }
    this.#tools.give({ kind: "prepared", task: this.#task });
  }

  /** What has run once does not run again: how it ended is told again. */
  start(): void {
    const plan = this.#plan;
    if (plan === null) return this.#refuse("start", "no such container");
    if (this.#phase === "ended") return this.#tellAgain(plan);
    if (this.#phase === "created") {
      const problem = this.#launch(plan);
      if (problem !== null) return this.#refuse("start", problem);
      this.#beginChecks();
    }
    if (this.#isUnhealthy) return this.#tools.give({ kind: "unhealthy", task: this.#task });
    this.#phase = "starting";
    if (plan.health === null || this.#isHealthy) this.#started();
  }

  /** The program is asked; after `grace` everything is killed. */
  shutdown(grace: Duration): void {
    if (this.#phase !== "starting" && this.#phase !== "up") return this.#stopped();
    this.#isStopping = true;
    this.#askToStop();
    this.#killTimer ??= setTimeout(() => this.#kill(), Math.min(longestMs, grace / 1_000));
  }

  /** A program that has just been started is not there yet. */
  #askToStop(): void {
    if (this.#phase === "ended") return;
    const pid = Number(readText(join(this.#folder, "pid")) ?? 0);
    if (pid > 0) signalProcess(pid, this.#plan?.stopSignal ?? "SIGTERM");
    else setTimeout(() => this.#askToStop(), 10);
  }

  /** What its user has made so that it can't be removed is left; the next life tries again. */
  remove(): void {
    this.#letGo();
    if (this.#phase === "starting" || this.#phase === "up") this.#kill();
    this.#phase = "ended";
    this.#tools.files.remove(this.#task);
    try {
      rmSync(join(this.#folder, "plan.json"), { force: true });
      rmSync(this.#folder, { recursive: true, force: true, maxRetries: 5, retryDelay: 20 });
    } catch {
      // Without a plan it is nothing that was left running.
    }
  }

  /** Notes when what the task has written was written. */
  look(): void {
    this.#log.look(this.#logBytesMost);
  }

  /** What the task has written. */
  logs(options: LogOptions): AsyncIterable<LogLine> {
    if (this.#logBytesMost === 0) {
      throw new Error("configured logging driver does not support reading");
    }
    return this.#log.read(() => this.group !== null, options);
  }

  /** The group's number; null when nothing runs. */
  get group(): number | null {
    return this.#phase === "starting" || this.#phase === "up" ? (this.#shim?.pid ?? null) : null;
  }

  /** Lets the processes go on without being watched. */
  close(): void {
    this.#letGo();
    if (this.#killTimer !== null) clearTimeout(this.#killTimer);
  }

  get #logBytesMost(): number {
    return this.#plan?.logBytesMost ?? logBytesDefault;
  }

  #create(plan: Plan): void {
    mkdirSync(this.#folder, { recursive: true, mode: 0o700 });
    writeFileSync(join(this.#folder, "plan.new"), JSON.stringify(plan), { mode: 0o600 });
    renameSync(join(this.#folder, "plan.new"), join(this.#folder, "plan.json"));
    this.#plan = plan;
    this.#phase = "created";
  }

  #place(files: readonly ContainerFile[], reader: Reader | null): void {
    const placed = this.#tools.files.put(this.#task, files, reader);
    if (placed.length > 0) this.#tools.files.link(this.#task, placed);
  }

  /** Why the system takes no such command, or null. */
  #launch(plan: Plan): string | null {
    try {
      const problem = whyNotStartable(plan);
      if (problem !== null) return problem;
      const child = startShim({
        folder: this.#folder,
        ...asTask(plan, plan.program),
        dir: plan.dir,
        isLogged: this.#logBytesMost > 0,
      });
      this.#launched(child);
      return null;
    } catch (error) {
      this.#kill();
      return (error as Error).message;
    }
  }

  #launched(child: ChildProcess): void {
    this.#phase = "starting";
    child.unref();
    child.once("error", () => this.#ended());
    child.once("exit", () => this.#ended());
    if (child.pid === undefined) return;
    const { pid, ticks, boot } = identityOf(child.pid);
    this.#shim = { pid, ticks, boot };
    writeFileSync(join(this.#folder, "shim"), `${pid} ${ticks} ${boot}`);
  }

  /** Whoever is no child of this process does not say when it ends. */
  #watch(): void {
    this.#lookTimer = setInterval(() => {
      if (this.#shim === null || !isAlive(this.#shim)) this.#ended();
    }, lookEveryMs);
  }

  #beginChecks(): void {
    const plan = this.#plan;
    if (plan === null || plan.health === null || this.group === null) return;
    this.#check = new HealthCheck(plan.health, plan, (state) => this.#judged(state));
  }

  #judged(health: "healthy" | "unhealthy"): void {
    this.#isHealthy = health === "healthy";
    if (this.#isHealthy) {
      if (this.#phase === "starting") this.#started();
      return;
    }
    if (this.#isUnhealthy) return;
    this.#isUnhealthy = true;
    try {
      writeFileSync(join(this.#folder, "unhealthy"), "");
    } catch {
      // On a disk that is full a later life of the daemon will not know why it ended.
    }
    this.#tools.give({ kind: "unhealthy", task: this.#task });
  }

  #started(): void {
    this.#phase = "up";
    const { hostPorts = [] } = this.#plan ?? {};
    const ports = hostPorts.length === 0 ? {} : { hostPorts };
    this.#tools.give({ kind: "started", task: this.#task, ...ports });
  }

  #ended(): void {
    if (this.#phase === "ended") return;
    this.close();
    this.#kill();
    this.#phase = "ended";
    this.look();
    this.#tools.files.remove(this.#task);
    if (this.#isStopping) this.#stopped();
    else this.#tellEnd();
  }

  #tellAgain({ health }: Plan): void {
    if (health === null) this.#tools.give({ kind: "started", task: this.#task });
    this.#tellEnd();
  }

  #tellEnd(): void {
    const exitCode = this.#exitCode() ?? killed;
    this.#tools.give({ kind: "exited", task: this.#task, exitCode });
  }

  #stopped(): void {
    const hasRun = this.#phase === "ended" && this.#shim !== null;
    const code = hasRun ? { exitCode: this.#exitCode() ?? killed } : {};
    this.#tools.give({ kind: "stopped", task: this.#task, ...code });
  }

  #exitCode(): number | null {
    const text = readText(join(this.#folder, "exit"))?.trim() ?? "";
    return text === "" ? null : Number(text);
  }

  #kill(): void {
    if (this.#shim !== null && this.#shim.pid > 1) signalProcess(-this.#shim.pid, "SIGKILL");
  }

  #letGo(): void {
    this.#check?.stop();
    this.#check = null;
    if (this.#lookTimer !== null) clearInterval(this.#lookTimer);
  }

  #refuse(step: "prepare" | "start", error: string): void {
    this.#tools.give({ kind: "failed", task: this.#task, step, error, temporary: false });
  }
}
