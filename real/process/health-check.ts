import { type ChildProcess, spawn } from "node:child_process";
import type { HealthConfig } from "../../core/model/container-spec.ts";
import { longestMs } from "../clock.ts";
import { asTask, type Setting } from "./as-task.ts";

/** What Docker takes where a spec says 0. */
const defaults = { spanMs: 30_000, retries: 3 };

/**
 * Runs a task's health check again and again, as Docker does, and says what changes: where the
 * task's program runs, as the same user.
 */
export class HealthCheck {
  readonly #config: HealthConfig;
  readonly #setting: Setting;
  readonly #say: (health: "healthy" | "unhealthy") => void;
  readonly #startedAt = performance.now();
  #failures = 0;
  #health: "starting" | "healthy" | "unhealthy" = "starting";
  #timer: NodeJS.Timeout | null = null;
  #probe: ChildProcess | null = null;
  #isOver = false;

  constructor(
    config: HealthConfig,
    setting: Setting,
    say: (health: "healthy" | "unhealthy") => void,
  ) {
    this.#config = config;
    this.#setting = setting;
    this.#say = say;
    this.#again();
  }

  stop(): void {
    this.#isOver = true;
    if (this.#timer !== null) clearTimeout(this.#timer);
    if (this.#probe?.pid !== undefined) killGroup(this.#probe.pid);
  }

  #again(): void {
    if (this.#isOver) return;
    this.#timer = setTimeout(() => this.#check(), this.#waitMs);
  }

  get #waitMs(): number {
    const { interval, startInterval } = this.#config;
    const isStarting = this.#health === "starting" && this.#isEarly;
    return msOf(isStarting ? (startInterval ?? interval) : interval);
  }

  get #isEarly(): boolean {
    return performance.now() - this.#startedAt < this.#config.startPeriod / 1_000;
  }

  #check(): void {
    const probe = this.#spawn();
    if (probe === null) return this.#found(false);
    this.#probe = probe;
    const timer = setTimeout(() => {
      if (probe.pid !== undefined) killGroup(probe.pid);
    }, msOf(this.#config.timeout));
    const done = (isWell: boolean) => {
      if (this.#probe !== probe) return;
      this.#probe = null;
      clearTimeout(timer);
      this.#found(isWell);
    };
    probe.once("error", () => done(false));
    probe.once("exit", (code) => done(code === 0));
  }

  /** Null when the system takes no such command. */
  #spawn(): ChildProcess | null {
    const [kind, ...words] = this.#config.test;
    const check = kind === "CMD-SHELL" ? ["/bin/sh", "-c", ...words] : words;
    const { command, env } = asTask(this.#setting, check);
    const [program = "", ...args] = command;
    try {
      return spawn(program, args, { env, cwd: this.#setting.dir, stdio: "ignore", detached: true });
    } catch {
      return null;
    }
  }

  #found(isWell: boolean): void {
    if (!this.#isOver) this.#judge(isWell);
    this.#again();
  }

  #judge(isWell: boolean): void {
    if (isWell) {
      this.#failures = 0;
      return this.#become("healthy");
    }
    if (this.#isEarly && this.#health === "starting") return;
    this.#failures += 1;
    if (this.#failures >= (this.#config.retries || defaults.retries)) this.#become("unhealthy");
  }

  #become(health: "healthy" | "unhealthy"): void {
    if (health === this.#health) return;
    this.#health = health;
    this.#say(health);
  }
}

function msOf(spanUs: number): number {
  return spanUs === 0 ? defaults.spanMs : Math.min(longestMs, spanUs / 1_000);
}

function killGroup(pid: number): void {
  try {
    process.kill(-pid, "SIGKILL");
  } catch {
    // It has ended by itself.
  }
}
