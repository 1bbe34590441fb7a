import type { ExecutorEvent, ExistingContainer } from "../core/agent/executor-request.ts";
import type { Timestamp } from "../core/base/time.ts";
import type { EngineParts, NodeDescription } from "../core/model/node.ts";
import type { Executor } from "../core/ports/executor.ts";

/**
 * What runs this node's containers: core's port, and what only a daemon asks for. To start a node:
 * `existing()`, then `Shell.boot` with what it found, then `listen`. Nothing is lost in between.
 */
export interface Engine extends Executor {
  /** Where Docker's API of it is, as `targetOf` takes it; null: it has none. */
  readonly address: string | null;

  /** What it has of this node's tasks. Rejects when the engine can't be asked; once in a life. */
  existing(): Promise<readonly ExistingContainer[]>;

  /**
   * Removes all that it has of this node's tasks, what runs too; in place of `existing`.
   * Rejects when the engine can't be asked.
   */
  clear(): Promise<void>;

  /** Hands on what has happened since `existing`, and from now on all that does, in order. */
  listen(answer: (event: ExecutorEvent) => void): void;

  /** What the node can say of itself. Rejects when the engine can't be asked. */
  describe(): Promise<EngineDescription>;

  /** What the task has written; ends with its container, or before that unless `follow`. */
  logs(task: string, options: LogOptions): AsyncIterable<LogLine>;

  /** Lets go of everything; containers run on. No event comes afterwards. */
  close(): Promise<void>;
}

export type EngineDescription = Pick<NodeDescription, "hostname" | "platform"> & EngineParts;

export interface LogOptions {
  /** Goes on until the container has ended. */
  readonly follow: boolean;
  /** How many of the last lines to begin with; null: all that are kept. */
  readonly tail: number | null;
  /** Nothing from before this moment of the node's calendar; 0: no limit. */
  readonly since: Timestamp;
  /** Nothing from after this moment; 0: no limit. */
  readonly until: Timestamp;
  /** Gives up early. */
  readonly signal?: AbortSignal;
}

export interface LogLine {
  readonly stream: "stdout" | "stderr";
  /** On the node's calendar; 0: not known. */
  readonly at: Timestamp;
  /** Without the end of the line. */
  readonly text: string;
}
