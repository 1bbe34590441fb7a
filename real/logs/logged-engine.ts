import type {
  ExecutorEvent,
  ExecutorRequest,
  ExistingContainer,
  TaskRequest,
} from "../../core/agent/executor-request.ts";
import type { Timestamp } from "../../core/base/time.ts";
import type { ContainerStats, Engine, EngineDescription, LogLine, LogOptions } from "../engine.ts";
import { KeptLogs } from "./kept-logs.ts";

/** How long the log of a container that is to be removed may take to read. */
const readWithinMs = 10_000;

/**
 * An engine that keeps the end of a task's log when its container is removed, which is as soon as
 * the task has ended: so that one can see why.
 */
export class LoggedEngine implements Engine {
  readonly address: string | null;
  readonly #engine: Engine;
  readonly #kept: KeptLogs;

  constructor(engine: Engine, folder: string) {
    this.address = engine.address;
    this.#engine = engine;
    this.#kept = new KeptLogs(folder);
  }

  execute(request: ExecutorRequest): void {
    if (request.kind === "remove") void this.#remove(request);
    else this.#engine.execute(request);
  }

  existing(): Promise<readonly ExistingContainer[]> {
    return this.#engine.existing();
  }

  listen(answer: (event: ExecutorEvent) => void): void {
    this.#engine.listen(answer);
  }

  describe(): Promise<EngineDescription> {
    return this.#engine.describe();
  }

  logs(task: string, options: LogOptions): AsyncIterable<LogLine> {
    return this.#kept.read(task, options) ?? this.#engine.logs(task, options);
  }

  stats(task: string): Promise<ContainerStats | null> {
    return this.#engine.stats(task);
  }

  close(): Promise<void> {
    return this.#engine.close();
  }

  /** A log that can't be had is no reason to leave a container there. */
  async #remove(request: TaskRequest): Promise<void> {
    const { task } = request;
    const options = { follow: false, since: 0 as Timestamp };
    const signal = AbortSignal.timeout(readWithinMs);
    const log = ({ tail }: Pick<LogOptions, "tail">) =>
      this.#engine.logs(task, { ...options, tail, signal });
    await this.#kept.keep(task, log).catch(() => undefined);
    this.#engine.execute(request);
  }
}
