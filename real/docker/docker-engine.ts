import { setTimeout as pause } from "node:timers/promises";
import type Docker from "dockerode";
import type {
  ExecutorEvent,
  ExecutorRequest,
  ExistingContainer,
} from "../../core/agent/executor-request.ts";
import type { EngineParts } from "../../core/model/node.ts";
import { Answers } from "../answers.ts";
import type { Engine, EngineDescription, LogLine, LogOptions } from "../engine.ts";
import { MemoryFiles } from "../memory-files.ts";
import type { Overlays } from "../overlay/overlays.ts";
import { answerWithinMs, connect, engineReason, inTime, patience, statusOf } from "./client.ts";
import { type ContainerOwner, ownLabelsOf, taskOf } from "./convert.ts";
import { DockerTask, type DockerTools } from "./docker-task.ts";
import { inspect } from "./inspected.ts";
import { containerLogs } from "./logs.ts";
import { EngineNetworks } from "./networks.ts";
import { type OnProgress, Puller } from "./pull.ts";
import { type Happened, Watch } from "./watch.ts";

/** Nobody comes after the node that leaves: a busy engine is asked again. */
const clearTries = 3;
const clearPauseMs = 1_000;

export interface DockerOptions extends ContainerOwner {
  /** As `connect` takes it. */
  readonly address: string;
  readonly overlays: Overlays;
  /** Told how pulls go on. */
  readonly onProgress?: OnProgress;
  /** Told why the engine answers no more; null: it does again. */
  readonly onOutage?: (reason: string | null) => void;
}

/**
 * Containers of a Docker engine. An engine that is gone or hangs is answered with temporary
 * failures, which the agent tries again; what has happened meanwhile is looked up when it is back.
 */
export class DockerEngine implements Engine {
  readonly #docker: Docker;
  readonly #tools: DockerTools;
  readonly #answers = new Answers();
  readonly #tasks = new Map<string, DockerTask>();
  readonly #watch: Watch;
  readonly #closing = new AbortController();
  readonly address: string;
  #onConnected: (() => void) | null = null;
  /** From `existing` on: containers of no task here are then what a request left too late. */
  #isListed = false;
  #isPinging = false;
  #isOut = false;
  readonly #onOutage: (reason: string | null) => void;

  constructor(options: DockerOptions) {
    const { address, clusterId, nodeId, overlays, onProgress = () => undefined } = options;
    this.#onOutage = options.onOutage ?? (() => undefined);
    this.address = address;
    const docker = connect(address);
    this.#docker = docker;
    this.#tools = {
      docker,
      owner: { clusterId, nodeId },
      networks: new EngineNetworks(docker, { clusterId, nodeId }, overlays),
      puller: new Puller(docker, onProgress),
      files: new MemoryFiles(nodeId, "named"),
      give: this.#answers.give,
      closing: this.#closing.signal,
      gone: (task) => this.#tasks.delete(task),
    };
    this.#watch = new Watch(docker, this.#tools.owner, {
      happened: (event) => this.#happened(event),
      connected: () => this.#connected(),
      lost: (reason) => this.#outage(reason),
    });
  }

  execute(request: ExecutorRequest): void {
    if (request.kind === "ping") void this.#ping();
    else this.#taskOf(request.task).lane.ask(request);
  }

  async existing(): Promise<readonly ExistingContainer[]> {
    await this.#connect();
    const found: ExistingContainer[] = [];
    for (const { task, id } of await this.#list()) {
      const container = await inspect(this.#docker, id);
      if (container !== null) found.push(this.#taskOf(task).adopt(id, container));
    }
    await this.#tools.networks.removeUnused();
    this.#tools.files.keepFor(found);
    this.#isListed = true;
    return found;
  }

  async clear(): Promise<void> {
    for (let tries = 1; ; tries += 1) {
      try {
        await Promise.all((await this.#list()).map(({ id }) => this.#remove(id)));
        break;
      } catch (error) {
        if (tries === clearTries)
          throw new Error(`no Docker engine answers at ${this.address}: ${engineReason(error)}`);
        await pause(clearPauseMs);
      }
    }
    await this.#tools.networks.removeUnused();
    this.#tools.files.keepFor([]);
  }

  listen(answer: (event: ExecutorEvent) => void): void {
    this.#answers.listen(answer);
  }

  async describe(): Promise<EngineDescription> {
    const info = await this.#info();
    const platform = { os: info.OSType, architecture: info.Architecture };
    return { ...partsOf(info), hostname: info.Name, platform };
  }

  async *logs(task: string, options: LogOptions): AsyncGenerator<LogLine> {
    const id = await this.#find(task);
    if (id !== null) yield* containerLogs(this.#docker, id, options);
  }

  async close(): Promise<void> {
    this.#answers.close();
    this.#watch.close();
    this.#closing.abort();
  }

  async #info(): Promise<EngineInfo> {
    return (await inTime(this.#docker.info())) as EngineInfo;
  }

  /** Asks for containers: of an engine that hangs, `/_ping` may still answer. */
  async #ping(): Promise<void> {
    if (this.#isPinging) return;
    this.#isPinging = true;
    try {
      await this.#list();
      this.#answers.give({ kind: "pong" });
      this.#answers.give({ kind: "pong", has: partsOf(await this.#info()) });
    } catch {
      // It has not answered, or not in time: the agent asks again.
    }
    this.#isPinging = false;
  }

  /** Begins to listen to the engine's events, so that none is missed from here on. */
  async #connect(): Promise<void> {
    try {
      await this.#list();
      await new Promise<void>((resolve, reject) => {
        const timer = setTimeout(() => reject(new Error("no events come")), answerWithinMs);
        this.#onConnected = () => {
          clearTimeout(timer);
          resolve();
        };
        void this.#watch.run();
      });
    } catch (error) {
      throw new Error(`no Docker engine answers at ${this.address}: ${engineReason(error)}`);
    }
  }

  #outage(reason: string | null): void {
    if (this.#isOut === (reason !== null)) return;
    this.#isOut = reason !== null;
    this.#onOutage(reason);
  }

  /** What has happened while nobody listened is looked up. */
  #connected(): void {
    this.#outage(null);
    this.#onConnected?.();
    this.#onConnected = null;
    if (!this.#isListed) return;
    for (const task of this.#tasks.values()) {
      task.lane.look();
      task.mayRunAgain();
    }
    void this.#removeStrays();
  }

  /** What was created by a request that the engine never answered, after it was given up. */
  async #removeStrays(): Promise<void> {
    try {
      for (const { task, id } of await this.#list()) {
        if (!this.#tasks.has(task)) await this.#remove(id);
      }
    } catch {
      // The engine is gone again: it is done when it is back.
    }
  }

  async #remove(id: string): Promise<void> {
    try {
      await this.#docker.getContainer(id).remove({ force: true, v: true, ...patience() });
    } catch (error) {
      if (statusOf(error) === null) throw error;
    }
  }

  #happened({ task, action, exitCode }: Happened): void {
    const known = this.#tasks.get(task);
    if (known === undefined) {
      if (this.#isListed && action === "create") void this.#removeStrays();
      return;
    }
    if (exitCode !== null) known.died(exitCode);
    if (action === "start") known.mayRunAgain();
    else if (action !== "create") known.lane.look();
  }

  #taskOf(task: string): DockerTask {
    const known = this.#tasks.get(task) ?? new DockerTask(task, this.#tools);
    this.#tasks.set(task, known);
    return known;
  }

  async #find(task: string): Promise<string | null> {
    const containers = await this.#list([`com.docker.swarm.task.id=${task}`]);
    return containers[0]?.id ?? null;
  }

  async #list(labels: readonly string[] = []): Promise<{ task: string; id: string }[]> {
    const label = [...ownLabelsOf(this.#tools.owner), ...labels];
    const containers = await this.#docker.listContainers({
      all: true,
      filters: { label },
      ...patience(),
    });
    return containers.flatMap(({ Id: id, Labels: found }) => {
      const task = taskOf(found);
      return task === null ? [] : [{ task, id }];
    });
  }
}

/** What is used of the engine's `/info`. */
interface EngineInfo {
  readonly Name: string;
  readonly ServerVersion: string;
  readonly NCPU: number;
  readonly MemTotal: number;
  readonly OSType: string;
  readonly Architecture: string;
  readonly Labels: readonly string[] | null;
  readonly Plugins: Readonly<Record<string, readonly string[] | null>>;
}

function partsOf({ NCPU, MemTotal, Labels, Plugins, ServerVersion }: EngineInfo): EngineParts {
  return {
    resources: { nanoCpus: NCPU * 1_000_000_000, memoryBytes: MemTotal },
    engineLabels: new Map((Labels ?? []).map(labelOf)),
    plugins: Object.entries(Plugins)
      .flatMap(([kind, names]) => (names ?? []).map((name) => `${kind}/${name}`))
      .sort(),
    engineVersion: ServerVersion,
  };
}

/** `name=value`, or a name alone. */
function labelOf(text: string): readonly [string, string] {
  const at = text.indexOf("=");
  return at < 0 ? [text, ""] : [text.slice(0, at), text.slice(at + 1)];
}
