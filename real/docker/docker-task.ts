import { setTimeout as delay } from "node:timers/promises";
import type Docker from "dockerode";
import type {
  ContainerFile,
  ExecutorEvent,
  ExistingContainer,
  TaskRequest,
} from "../../core/agent/executor-request.ts";
import { unreachable } from "../../core/base/assert.ts";
import type { Task } from "../../core/model/task.ts";
import { Backoff } from "../backoff.ts";
import type { MemoryFiles, PlacedFile } from "../memory-files.ts";
import { connectTo } from "./attachments.ts";
import { engineReason, inTime, isTemporary, patience, statusOf } from "./client.ts";
import { type ContainerOwner, containerName, createOptions } from "./convert.ts";
import { type Inspected, inspect } from "./inspected.ts";
import { newerFields, unknownTo } from "./needed-version.ts";
import type { EngineNetworks } from "./networks.ts";
import type { Puller } from "./pull.ts";
import { type LaneWork, TaskLane } from "./task-lane.ts";

/** Of a container that is not there any more, when nobody knows how it ended. */
const killed = 137;
/** When a look at a container failed, the next is taken after this. */
const lookAgainMs = 1_000;

/** What all tasks of an engine share. */
export interface DockerTools {
  readonly docker: Docker;
  readonly owner: ContainerOwner;
  readonly puller: Puller;
  readonly files: MemoryFiles;
  readonly networks: EngineNetworks;
  readonly give: (event: ExecutorEvent) => void;
  /** Aborted when the daemon ends. */
  readonly closing: AbortSignal;
  /** Nothing is left of the task. */
  readonly gone: (task: string) => void;
}

type Request<Kind> = TaskRequest & { kind: Kind };

/**
 * One task's container, from its creation to its removal. What has become of it is always looked
 * up: an event only says when to look, so one that was missed does no harm.
 */
export class DockerTask implements LaneWork {
  readonly lane = new TaskLane(this);
  readonly #task: string;
  readonly #tools: DockerTools;
  /** Its id, or its name until the engine has said that; null: it was never asked to create it. */
  #container: string | null = null;
  /** Up: `started` was said. Ended: whatever there was to say was said. */
  #phase: "none" | "created" | "starting" | "up" | "ended" = "none";
  /** As it was prepared in this life. */
  #assigned: Task | null = null;
  /** The engine was asked to start it, though perhaps never answered. */
  #mayHaveStarted = false;
  /** It has ended, and may run again. */
  #mayRunAgain = false;
  #isStopping = false;
  #saidUnhealthy = false;
  /** What the last `die` event said. */
  #diedWith = killed;

  constructor(task: string, tools: DockerTools) {
    this.#task = task;
    this.#tools = tools;
  }

  /** Takes over a container that is there already. */
  adopt(container: string, found: Inspected): ExistingContainer {
    const { running, hasStarted, wentWithMachine } = found;
    this.#tools.networks.uses(this.#task, found.networks);
    const unhealthy = found.health === "unhealthy";
    this.#container = container;
    this.#mayHaveStarted = hasStarted;
    this.#saidUnhealthy = unhealthy;
    this.#phase = running ? "up" : hasStarted ? "ended" : "created";
    const state = running ? "running" : hasStarted ? "ended" : "created";
    const exitCode = state === "ended" && !wentWithMachine ? found.exitCode : null;
    return { task: this.#task, state, exitCode, unhealthy };
  }

  died(exitCode: number): void {
    this.#diedWith = exitCode;
  }

  /** What has ended must not run: a request may be carried out late, and there are other users. */
  mayRunAgain(): void {
    if (this.#phase !== "ended") return;
    this.#mayRunAgain = true;
    this.lane.look();
  }

  carryOut(request: TaskRequest, overtaken: AbortSignal): Promise<void> {
    switch (request.kind) {
      case "prepare":
        return this.#prepare(request, overtaken);
      case "start":
        return this.#start();
      case "shutdown":
        return this.#shutdown(request);
      case "remove":
        return this.#remove();
      default:
        return unreachable(request);
    }
  }

  async look(): Promise<void> {
    if (this.#container === null) return;
    if (this.#mayRunAgain) return this.#stayEnded(this.#container);
    if (this.#phase !== "starting" && this.#phase !== "up") return;
    try {
      this.#tell(await inspect(this.#tools.docker, this.#container));
    } catch {
      setTimeout(() => this.lane.look(), lookAgainMs).unref();
    }
  }

  async #stayEnded(container: string): Promise<void> {
    try {
      const { docker } = this.#tools;
      this.#mayRunAgain = false;
      if ((await inspect(docker, container))?.running !== true) return;
      await docker.getContainer(container).kill(patience());
    } catch {
      setTimeout(() => this.mayRunAgain(), lookAgainMs).unref();
    }
  }

  /** A pull that fails is no failure yet: the image may be here (SwarmKit `dockerexec`). */
  async #prepare({ assigned, files }: Request<"prepare">, overtaken: AbortSignal): Promise<void> {
    const { image, registryAuth } = assigned.spec.container;
    const isNew = this.#phase === "none";
    const pulled = isNew ? this.#tools.puller.pull(image, registryAuth) : null;
    const problem = await Promise.race([pulled, whenAborted(overtaken)]);
    if (overtaken.aborted) return;
    const placed = this.#place(files);
    if (placed === null) return;
    this.#assigned = assigned;
    try {
      this.#container = containerName(assigned);
      const { docker, owner, networks } = this.#tools;
      const unknown = await this.#unknownToEngine(assigned);
      if (unknown !== null) return this.#refuse("prepare", unknown);
      const attached = await networks.prepare(assigned);
      if (attached.kind === "refused") return this.#refuse("prepare", attached.reason);
      if (isNew) await this.#create(createOptions(assigned, owner, placed, attached));
      await connectTo(docker, this.#container, attached.networks.slice(1));
    } catch (error) {
      const why = statusOf(error) === 404 ? problem : unseen(engineReason(error), placed);
      return this.#fail("prepare", error, why === null ? "" : ` (${why})`);
    }
    if (this.#phase === "none") this.#phase = "created";
    this.#tools.give({ kind: "prepared", task: this.#task });
  }

  /** What of the container the engine would ignore, in words. Rejects when it can't be asked. */
  async #unknownToEngine({ spec }: Task): Promise<string | null> {
    if (newerFields(spec.container).length === 0) return null;
    const { ApiVersion } = await inTime(this.#tools.docker.version());
    return unknownTo(ApiVersion, spec.container);
  }

  /** Null: they can't be had, which was said. Those of before a restart of the machine are gone. */
  #place(files: readonly ContainerFile[]): readonly PlacedFile[] | null {
    try {
      return this.#tools.files.put(this.#task, files);
    } catch (error) {
      this.#refuse("prepare", engineReason(error));
      return null;
    }
  }

  /**
   * Its id is kept, for its user may name it anew. A container of that name is the task's own, from
   * a request that was repeated.
   */
  async #create(options: Docker.ContainerCreateOptions): Promise<void> {
    try {
      const made = await this.#tools.docker.createContainer({ ...options, ...patience() });
      this.#container = made.id;
    } catch (error) {
      if (statusOf(error) !== 409) throw error;
    }
  }

  /** What has run once is not started again: an answer may have been lost on its way. */
  async #start(): Promise<void> {
    const { docker } = this.#tools;
    if (this.#container === null) return this.#refuse("start", "no such container");
    try {
      const found = this.#mayHaveStarted ? await inspect(docker, this.#container) : null;
      if (found?.hasStarted !== true) {
        this.#mayHaveStarted = true;
        await this.#startWithNetworks(this.#container);
      }
    } catch (error) {
      if (statusOf(error) !== 304) return this.#fail("start", error);
    }
    this.#phase = "starting";
    this.#saidUnhealthy = false;
    await this.look();
  }

  /** Of several nodes that share an engine one may have removed what no container was in yet. */
  async #startWithNetworks(container: string): Promise<void> {
    const { docker, networks } = this.#tools;
    try {
      await docker.getContainer(container).start(patience());
    } catch (error) {
      if (this.#assigned === null || !isNetworkMissing(error)) throw error;
      await networks.prepare(this.#assigned);
      await docker.getContainer(container).start(patience());
    }
  }

  async #shutdown({ grace }: Request<"shutdown">): Promise<void> {
    this.#isStopping = true;
    if (this.#container === null) return this.#stopped(null);
    const { docker } = this.#tools;
    const t = Math.ceil(grace / 1_000_000);
    try {
      await docker.getContainer(this.#container).stop({ t, ...patience(t * 1_000) });
    } catch (error) {
      const status = statusOf(error);
      if (status !== 304 && status !== 404) return this.#fail("shutdown", error);
    }
    try {
      this.#stopped(await inspect(docker, this.#container));
    } catch (error) {
      this.#fail("shutdown", error);
    }
  }

  #stopped(found: Inspected | null): void {
    const { give } = this.#tools;
    const task = this.#task;
    this.#end();
    if (found?.hasStarted !== true) return give({ kind: "stopped", task });
    give({ kind: "stopped", task, exitCode: found.exitCode });
  }

  /** Goes on until nothing is left: nobody else would ever remove it. */
  async #remove(): Promise<void> {
    const { closing, gone, networks } = this.#tools;
    this.#end();
    const backoff = new Backoff();
    while (!(await this.#isRemoved())) {
      const waited = delay(backoff.takeMs(), true, { signal: closing });
      if (!(await waited.catch(() => false))) return;
    }
    await networks.release(this.#task);
    gone(this.#task);
  }

  /** A removal that is under way already (409) keeps the container in its networks for a while. */
  async #isRemoved(): Promise<boolean> {
    if (this.#container === null) return true;
    try {
      const options = { force: true, v: true, ...patience() };
      await this.#tools.docker.getContainer(this.#container).remove(options);
      return true;
    } catch (error) {
      return statusOf(error) === 404;
    }
  }

  #tell(found: Inspected | null): void {
    const { give } = this.#tools;
    const task = this.#task;
    if (found === null) return this.#ended(this.#diedWith);
    if (found.running && found.health === "unhealthy") {
      if (!this.#saidUnhealthy) give({ kind: "unhealthy", task });
      this.#saidUnhealthy = true;
      return;
    }
    if (!found.hasStarted || (found.running && found.health === "starting")) return;
    if (this.#phase === "starting" && (found.running || found.health === "none")) {
      this.#phase = "up";
      const { hostPorts } = found;
      give({ kind: "started", task, ...(hostPorts.length === 0 ? {} : { hostPorts }) });
    }
    if (!found.running) this.#ended(found.exitCode);
  }

  /** The container stays, so that one can see what it did, except for its secrets. */
  #end(): void {
    this.#phase = "ended";
    this.#tools.files.remove(this.#task);
  }

  #ended(exitCode: number): void {
    this.#end();
    const kind = this.#isStopping ? "stopped" : "exited";
    this.#tools.give({ kind, task: this.#task, exitCode });
  }

  #fail(step: "prepare" | "start" | "shutdown", error: unknown, why = ""): void {
    const temporary = step === "shutdown" || isTemporary(error);
    const what = step === "start" ? "starting container failed: " : "";
    const reason = `${what}${engineReason(error)}${why}`;
    if (step === "start" && !temporary) this.#end();
    this.#tools.give({ kind: "failed", task: this.#task, step, error: reason, temporary });
  }

  #refuse(step: "prepare" | "start", error: string): void {
    this.#tools.give({ kind: "failed", task: this.#task, step, error, temporary: false });
  }
}

function isNetworkMissing(error: unknown): boolean {
  return statusOf(error) === 404 && /network .*not found/i.test(engineReason(error));
}

/** Resolves to null. */
function whenAborted(signal: AbortSignal): Promise<null> {
  return new Promise((resolve) => signal.addEventListener("abort", () => resolve(null)));
}

/** What it means where the engine has not found a file that was placed for it. */
function unseen(error: string, placed: readonly PlacedFile[]): string | null {
  if (!placed.some(({ source }) => error.includes(source))) return null;
  return (
    "swarmd has put it there, but its engine sees other files: where swarmd is in a container, " +
    "start that with -v /dev/shm:/dev/shm"
  );
}
