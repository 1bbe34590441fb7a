import { setMaxListeners } from "node:events";
import { setTimeout as pause } from "node:timers/promises";
import type { UntypedServiceImplementation } from "@grpc/grpc-js";
import type { Timestamp } from "../../core/base/time.ts";
import type { Table } from "../../core/model/change.ts";
import type { Task } from "../../core/model/task.ts";
import { isTerminal, TaskState } from "../../core/model/task-state.ts";
import type { Authorize } from "../api/authorize.ts";
import type { LogLine } from "../engine.ts";
import type { LogEntry, LogRange, LogsRequest, TaskLogRequest } from "../wire/logs.ts";
import type { WatchEvent } from "../wire/services.ts";
import { LineMerge } from "./line-merge.ts";
import { streamHandler } from "./stream-handler.ts";

/** What the broker needs of the node that it is on, a manager. */
export interface LogPorts {
  tasks(): Promise<readonly Task[]>;
  watch(
    tables: readonly Table[],
    heard: (event: WatchEvent) => void,
    ended: (error: Error) => void,
  ): () => void;
  /** From wherever the task runs. */
  read(request: TaskLogRequest, signal: AbortSignal): AsyncIterable<LogLine>;
}

/** A log that broke off while it was followed is read on after this. */
const againMs = 1_000;
/** Readers of a cluster's logs at a time, on one manager. */
const readersMost = 256;

/**
 * What services' tasks have written, wherever they run (SwarmKit `manager/logbroker`). With
 * `follow`, tasks that come later are read too, and a node that was away is read on from where it
 * broke off; it ends when the services are removed or the tasks have ended.
 */
export class LogBroker {
  readonly #ports: LogPorts;
  #readers = 0;

  constructor(ports: LogPorts) {
    this.#ports = ports;
  }

  /** The part of the control API that clients ask. */
  handlers(authorize: Authorize): UntypedServiceImplementation {
    const logs = streamHandler(authorize, (request: LogsRequest, signal) =>
      this.logs(request, signal),
    );
    return { logs } as unknown as UntypedServiceImplementation;
  }

  /** Ends early, with an error or without, when `signal` is aborted. */
  async *logs(request: LogsRequest, signal: AbortSignal): AsyncGenerator<LogEntry> {
    if (this.#readers >= readersMost) throw new Error(`${readersMost} read logs here already`);
    const done = new AbortController();
    const ended = AbortSignal.any([signal, done.signal]);
    // One for each task that is read.
    setMaxListeners(0, ended);
    const reading = new Reading(request, ended, this.#ports);
    this.#readers += 1;
    try {
      yield* reading.entries();
    } finally {
      this.#readers -= 1;
      done.abort();
    }
  }
}

/** One reading of one selection. */
class Reading {
  readonly #request: LogsRequest;
  readonly #signal: AbortSignal;
  readonly #ports: LogPorts;
  readonly #merge = new LineMerge<LogEntry>();
  /** What was selected and has not ended or been removed yet. */
  readonly #open: Set<string>;
  /** Tasks that are read or have been, as they were last seen. */
  readonly #begun = new Map<string, Task>();
  readonly #missing = new Set<string>();

  constructor(request: LogsRequest, signal: AbortSignal, ports: LogPorts) {
    this.#request = request;
    this.#signal = signal;
    this.#ports = ports;
    this.#open = new Set([...request.services, ...request.tasks]);
  }

  async *entries(): AsyncGenerator<LogEntry> {
    this.#signal.addEventListener("abort", () => this.#merge.fail(new Error("given up")));
    const unwatch = this.#request.range.follow ? this.#watch() : () => undefined;
    try {
      for (const task of await this.#ports.tasks()) this.#seen(task);
      if (!this.#request.range.follow) this.#merge.close();
      yield* this.#merge.items();
      for (const reason of this.#missing) yield { kind: "missing", reason };
    } finally {
      unwatch();
    }
  }

  #watch(): () => void {
    const heard = ({ previous, current }: WatchEvent) => {
      if (current?.kind === "task") this.#seen(current);
      else if (current === null && previous !== null) this.#gone(previous.id);
    };
    return this.#ports.watch(["service", "task"], heard, (error) => this.#merge.fail(error));
  }

  #seen(task: Task): void {
    const { services, tasks } = this.#request;
    if (!services.includes(task.serviceId) && !tasks.includes(task.id)) return;
    const isNew = !this.#begun.has(task.id);
    if (isNew && task.nodeId !== null && task.status.state >= TaskState.STARTING) {
      this.#begun.set(task.id, task);
      this.#merge.add(this.#entriesOf(task, task.nodeId));
    } else if (!isNew) this.#begun.set(task.id, task);
    if (isTerminal(task.status.state)) this.#over(task.id);
  }

  #gone(id: string): void {
    this.#begun.delete(id);
    this.#over(id);
  }

  #over(id: string): void {
    this.#open.delete(id);
    if (this.#open.size === 0) this.#merge.close();
  }

  async *#entriesOf(task: Task, nodeId: string): AsyncGenerator<LogEntry> {
    const { id: taskId, name: taskName, serviceId } = task;
    const whose = { kind: "written", serviceId, taskId, taskName, nodeId } as const;
    for (let range = this.#request.range; ; ) {
      try {
        for await (const line of this.#ports.read({ nodeId, taskId, range }, this.#signal)) {
          range = after(range, line);
          yield { ...whose, line };
        }
      } catch (error) {
        if (!range.follow) this.#missing.add((error as Error).message);
      }
      if (!range.follow || !this.#isRunning(taskId)) return;
      await pause(againMs, undefined, { signal: this.#signal });
    }
  }

  #isRunning(id: string): boolean {
    const task = this.#begun.get(id);
    return task !== undefined && !isTerminal(task.status.state);
  }
}

/** What is left to read after this line. Where nobody knows its moment, only what is new. */
function after(range: LogRange, { at }: LogLine): LogRange {
  if (at === 0) return { ...range, tail: 0 };
  return { ...range, tail: null, since: (at + 1) as Timestamp };
}
