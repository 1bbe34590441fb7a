import { readdirSync } from "node:fs";
import { arch, availableParallelism, hostname, platform, totalmem } from "node:os";
import { join } from "node:path";
import type {
  ExecutorEvent,
  ExecutorRequest,
  ExistingContainer,
} from "../../core/agent/executor-request.ts";
import { unreachable } from "../../core/base/assert.ts";
import type { EngineParts } from "../../core/model/node.ts";
import { Answers } from "../answers.ts";
import type { Engine, EngineDescription, LogLine, LogOptions } from "../engine.ts";
import { makeFolder } from "../folder.ts";
import { MemoryFiles } from "../memory-files.ts";
import { bootId } from "./proc.ts";
import { ProcessTask, type ProcessTools } from "./process-task.ts";

/** How exact the moments of lines are when many come at a time. */
const lookEveryMs = 100;
/** As the Go toolchain calls what Node calls otherwise. */
const architectures = new Map([["x64", "amd64"]]);

export interface ProcessOptions {
  /** Where tasks have their folders. */
  readonly folder: string;
  readonly nodeId: string;
}

/**
 * Plain processes of this machine, for where there is no Docker. Each task is a group of its own
 * that outlives the daemon. There are no images, no mounts and no networks of their own; of limits
 * there are those of `setrlimit`.
 */
export class ProcessEngine implements Engine {
  readonly address = null;
  readonly #folder: string;
  readonly #tools: ProcessTools;
  readonly #answers = new Answers();
  readonly #tasks = new Map<string, ProcessTask>();
  readonly #looking: NodeJS.Timeout;

  constructor({ folder, nodeId }: ProcessOptions) {
    this.#folder = folder;
    const files = new MemoryFiles(nodeId, "own");
    this.#tools = { files, give: this.#answers.give, boot: bootId() };
    this.#looking = setInterval(() => this.#look(), lookEveryMs).unref();
  }

  execute(request: ExecutorRequest): void {
    if (request.kind === "ping") return this.#answers.give({ kind: "pong", has: parts() });
    const task = this.#taskOf(request.task);
    switch (request.kind) {
      case "prepare":
        return task.prepare(request.assigned, request.files);
      case "start":
        return task.start();
      case "shutdown":
        return task.shutdown(request.grace);
      case "remove":
        this.#tasks.delete(request.task);
        return task.remove();
      default:
        return unreachable(request);
    }
  }

  async existing(): Promise<readonly ExistingContainer[]> {
    makeFolder(this.#folder, 0o711);
    const left = readdirSync(this.#folder).flatMap((task) => {
      const found = this.#taskOf(task).adopt();
      if (found === null) this.execute({ kind: "remove", task });
      return found ?? [];
    });
    this.#tools.files.keepFor(left);
    return left;
  }

  async clear(): Promise<void> {
    for (const { task } of await this.existing()) this.execute({ kind: "remove", task });
    this.#tools.files.keepFor([]);
  }

  listen(answer: (event: ExecutorEvent) => void): void {
    this.#answers.listen(answer);
  }

  async describe(): Promise<EngineDescription> {
    const architecture = architectures.get(arch()) ?? arch();
    return { ...parts(), hostname: hostname(), platform: { os: platform(), architecture } };
  }

  async *logs(task: string, options: LogOptions): AsyncGenerator<LogLine> {
    yield* this.#tasks.get(task)?.logs(options) ?? [];
  }

  async close(): Promise<void> {
    this.#answers.close();
    clearInterval(this.#looking);
    this.#look();
    for (const task of this.#tasks.values()) task.close();
  }

  #taskOf(task: string): ProcessTask {
    const folder = join(this.#folder, task);
    const known = this.#tasks.get(task) ?? new ProcessTask(task, folder, this.#tools);
    this.#tasks.set(task, known);
    return known;
  }

  #look(): void {
    for (const task of this.#tasks.values()) if (task.group !== null) task.look();
  }
}

/** What there is of this machine. */
function parts(): EngineParts {
  const nanoCpus = availableParallelism() * 1_000_000_000;
  return { resources: { nanoCpus, memoryBytes: totalmem() }, engineLabels: new Map(), plugins: [] };
}
