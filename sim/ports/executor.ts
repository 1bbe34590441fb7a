import type {
  ContainerFile,
  ExecutorEvent,
  ExecutorRequest,
  ExistingContainer,
} from "../../core/agent/executor-request.ts";
import { found } from "../../core/base/gather.ts";
import type { Random } from "../../core/base/random.ts";
import type { HealthConfig } from "../../core/model/container-spec.ts";
import type { EngineParts } from "../../core/model/node.ts";
import type { OverlayPlace } from "../../core/model/overlay.ts";
import type { Task } from "../../core/model/task.ts";
import type { Executor } from "../../core/ports/executor.ts";
import { exponential } from "../chance/draw.ts";
import { EventKind, type Kernel } from "../kernel.ts";
import type { Meddling } from "../scenario/fault-words.ts";
import { type Container, existing, isUp, isWell, newContainer } from "./container.ts";
import type { ContainerConditions } from "./container-conditions.ts";
import type { ContainerObserver } from "./container-observer.ts";
import { EngineHangs } from "./engine-hangs.ts";
import { exitOf, killed, terminated } from "./exit.ts";
import { HostPorts } from "./host-ports.ts";
import { endOfLost, openTo } from "./meddling.ts";

const cannotStart = "container could not be started";

/** One machine's containers: they take time to pull, start and stop, and some fail. */
export class SimExecutor implements Executor {
  readonly #kernel: Kernel;
  readonly #host: number;
  readonly #random: Random;
  readonly #conditions: ContainerConditions;
  readonly #observer: ContainerObserver;
  readonly #tellNode: (event: ExecutorEvent) => void;
  readonly #containers = new Map<string, Container>();
  /** Those that it was asked to stop. */
  readonly #toStop = new Set<string>();
  readonly #images = new Set<string>();
  readonly #ports = new HostPorts();
  #requests = 0;
  /** Of the node's process: an answer is for the life in which the question was asked. */
  #lives = 0;
  readonly #hangs: EngineHangs;
  /** Those with whose containers somebody has meddled. */
  readonly #meddledWith = new Set<string>();
  /** A01: what has ended runs again when it is asked to start. */
  runsAgain = false;
  /** What the machine has come to have; null: what its node has told since its start. */
  parts: EngineParts | null = null;

  constructor(
    kernel: Kernel,
    host: number,
    random: Random,
    conditions: ContainerConditions,
    observer: ContainerObserver,
    answer: (event: ExecutorEvent) => void,
  ) {
    this.#kernel = kernel;
    this.#host = host;
    this.#random = random;
    this.#conditions = conditions;
    this.#observer = observer;
    this.#tellNode = answer;
    this.#hangs = new EngineHangs(kernel, host);
  }

  /** What is there, running or not. */
  existing(): ExistingContainer[] {
    return found(this.#containers.values(), existing);
  }

  /** It runs, and its health check has not failed for good. */
  runsWell(task: string): boolean {
    return isWell(this.#containers.get(task));
  }

  /** The tasks of all that run well. */
  running(): string[] {
    return found(this.#containers.values(), (each) => (isWell(each) ? each.task : null));
  }

  has(task: string): boolean {
    return this.#containers.has(task);
  }

  /**
   * Its node has asked for its end, in this life or an earlier one, and then for its start. A start
   * that was under way when the daemon began to hang is not to be stopped before that goes on.
   */
  isUnwanted(task: string): boolean {
    return this.#containers.get(task)?.isUnwanted === true;
  }

  /** Somebody has meddled with its container, which may be gone or have run again. */
  isMeddledWith(task: string): boolean {
    return this.#meddledWith.has(task);
  }

  /** Its container's addresses, running or not. */
  placesOf(task: string): readonly OverlayPlace[] {
    return this.#containers.get(task)?.places ?? [];
  }

  /** From now on nothing is done and nothing answered; what runs goes on. */
  hang(): void {
    this.#hangs.begin();
  }

  get isHung(): boolean {
    return this.#hangs.held !== null;
  }

  get hung(): EngineHangs["last"] {
    return this.#hangs.last;
  }

  /** It answers again, in the order in which things happened. */
  free(): void {
    const { answers, requests } = this.#hangs.end();
    for (const answer of answers) this.#answer(answer);
    for (const request of requests) this.execute(request);
  }

  execute(request: ExecutorRequest): void {
    if (request.kind === "ping") {
      if (!this.isHung) this.#answerNow("", () => this.#pong());
      return;
    }
    if (request.kind === "shutdown") this.#toStop.add(request.task);
    if (this.isHung) return this.#hangs.hold(request, this.#tellNode);
    switch (request.kind) {
      case "prepare":
        return this.#prepare(request.assigned, request.files);
      case "start":
        return this.#start(request.task);
      case "shutdown":
        return this.#shutdown(request.task, request.grace);
      case "remove":
        return this.#remove(request.task);
    }
  }

  /**
   * The node's process ends, and its containers go on. What is being pulled is lost; what is being
   * started or stopped goes on too, though nobody hears.
   */
  abandon(): void {
    this.#lives += 1;
    this.#hangs.forget();
    for (const { task, state } of [...this.#containers.values()]) {
      if (state === "preparing") this.#containers.delete(task);
    }
  }

  /** The machine loses power: everything stops, what was created stays. */
  crash(): void {
    this.#lives += 1;
    this.#hangs.end();
    for (const container of [...this.#containers.values()]) {
      this.#end(container);
      container.request = 0;
      if (container.state === "preparing") this.#containers.delete(container.task);
      else if (container.state === "starting") container.state = "created";
      else if (container.state !== "created") container.state = "stopped";
    }
  }

  #answer(event: ExecutorEvent): void {
    const { held } = this.#hangs;
    if (held === null) this.#tellNode(event);
    else held.answers.push(event);
  }

  #pong(): void {
    this.#hangs.answered();
    this.#answer(this.parts === null ? { kind: "pong" } : { kind: "pong", has: this.parts });
  }

  #prepare(assigned: Task, files: readonly ContainerFile[]): void {
    const { id: task } = assigned;
    const { image } = assigned.spec.container;
    const known = this.#containers.get(task);
    if (known !== undefined && known.state !== "preparing") {
      return this.#answerNow(task, () => this.#answer({ kind: "prepared", task }));
    }
    if (known === undefined) this.#observer.created(this.#host, assigned, files);
    const container = known ?? newContainer(assigned, this.#ports.publish(assigned));
    this.#containers.set(task, container);
    const { pullMean, createMean, pullFailuresPerMillion } = this.#conditions;
    const isPulled = this.#images.has(image);
    const pull = isPulled ? 0 : exponential(this.#random, pullMean);
    const fails = !isPulled && this.#random.chance(pullFailuresPerMillion);
    const took = pull + exponential(this.#random, createMean);
    this.#schedule(container, took, () => {
      if (fails) return this.#fail(task, "prepare", `image ${image} could not be pulled`);
      this.#images.add(image);
      container.state = "created";
      this.#answer({ kind: "prepared", task });
    });
  }

  /**
   * Somebody does this to one of the containers behind the node's back; `isWatched`: its daemon
   * runs. The task whose container it is; null: there is none for it, or the engine hangs.
   */
  meddle(deed: Meddling, isWatched: boolean, only?: string): string | null {
    const open = this.isHung ? [] : [...this.#containers.values()].filter(openTo[deed]);
    const able = only === undefined ? open : open.filter(({ task }) => task === only);
    if (able.length === 0) return null;
    const container = this.#random.pick(able);
    this.#meddledWith.add(container.task);
    if (deed === "remove") this.#lose(container);
    else if (deed === "start") this.#runAgain(container, isWatched);
    else {
      const needs = exponential(this.#random, this.#conditions.stopMean);
      this.#schedule(container, needs, () => this.#exit(container, terminated));
    }
    return container.task;
  }

  #lose(container: Container): void {
    const { task, state } = container;
    this.#end(container);
    this.#containers.delete(task);
    const end = endOfLost(task, state);
    if (end !== null) this.#answerNow(task, () => this.#answer(end));
  }

  /** A daemon that sees it kills it. */
  #runAgain(container: Container, isWatched: boolean): void {
    if (this.#ports.take(container.task, container.hostPorts) !== null) return;
    Object.assign(container, { exitCode: null, isHealthy: false, isUnhealthy: false });
    const lives = this.#lives;
    this.#begin(container);
    if (!isWatched) return this.#goOn(container);
    this.#schedule(container, exponential(this.#random, this.#conditions.startMean), () => {
      if (lives === this.#lives) this.#stop(container, killed);
      else this.#goOn(container);
    });
  }

  #start(task: string): void {
    const container = this.#containers.get(task);
    if (container === undefined) {
      return this.#answerNow(task, () => this.#fail(task, "start", "no such container"));
    }
    if (isUp(container)) return this.#answerNow(task, () => this.#tell(container));
    if (container.state === "stopped" && !this.runsAgain)
      return this.#answerNow(task, () => this.#tellEnd(container));
    container.state = "starting";
    container.isUnwanted = this.#toStop.has(task);
    const isBad = this.#conditions.badImages.get(container.image) === 0;
    const fails = this.#random.chance(this.#conditions.startFailuresPerMillion) || isBad;
    this.#schedule(container, exponential(this.#random, this.#conditions.startMean), () => {
      const error = fails ? cannotStart : this.#ports.take(task, container.hostPorts);
      if (error !== null) {
        container.state = "created";
        return this.#fail(task, "start", error);
      }
      this.#begin(container);
      this.#goOn(container);
    });
  }

  #begin(container: Container): void {
    container.state = "running";
    this.#observer.started(this.#host, container.task);
  }

  #goOn(container: Container): void {
    if (container.health === null) this.#live(container);
    else this.#becomeHealthy(container, container.health);
  }

  /** Once healthy it has started; one that never is says so when its checks are used up. */
  #becomeHealthy(container: Container, { startPeriod, interval, retries }: HealthConfig): void {
    const { healthyMean, sickImages } = this.#conditions;
    const patience = startPeriod + interval * Math.max(1, retries);
    const isSick = sickImages.has(container.image);
    const took = isSick ? patience : Math.min(exponential(this.#random, healthyMean), patience);
    this.#unlessItEnds(container, took, () => {
      if (isSick) return this.#sicken(container);
      container.isHealthy = true;
      this.#observer.healthy(this.#host, container.task);
      this.#live(container);
    });
  }

  /** It has started, and runs until it ends, falls ill or is stopped. */
  #live(container: Container): void {
    this.#tell(container);
    const { unhealthyMean } = this.#conditions;
    const sickens = container.health !== null && unhealthyMean > 0;
    const wellFor = sickens ? exponential(this.#random, unhealthyMean) : Infinity;
    this.#unlessItEnds(container, wellFor, () => this.#sicken(container));
  }

  #sicken(container: Container): void {
    container.isHealthy = false;
    container.isUnhealthy = true;
    this.#observer.unhealthy(this.#host, container.task);
    this.#tell(container);
  }

  /** What the agent is to know of a container that runs. */
  #tell({ task, health, hostPorts, isHealthy, isUnhealthy }: Container): void {
    if (isUnhealthy) this.#answer({ kind: "unhealthy", task });
    else if (isHealthy || health === null) {
      const ports = hostPorts.length === 0 ? {} : { hostPorts };
      this.#answer({ kind: "started", task, ...ports });
    }
  }

  /** What has run once does not run again: how it ended is told again. */
  #tellEnd({ task, health, exitCode }: Container): void {
    if (health === null) this.#answer({ kind: "started", task });
    this.#answer({ kind: "exited", task, exitCode: exitCode ?? killed });
  }

  /** Lets something happen to a container after a while, unless it ends by itself before. */
  #unlessItEnds(container: Container, delay: number, happens: () => void): void {
    const exit = exitOf(container, this.#conditions, this.#random);
    if (exit === null || delay < exit.after) {
      if (delay !== Infinity) this.#schedule(container, delay, happens);
      return;
    }
    this.#schedule(container, exit.after, () => this.#exit(container, exit.exitCode));
  }

  #exit(container: Container, exitCode: number): void {
    this.#stop(container, exitCode);
    this.#answer({ kind: "exited", task: container.task, exitCode });
  }

  /** What does not stop within `grace` is killed; what has never run may run yet. */
  #shutdown(task: string, grace: number): void {
    const container = this.#containers.get(task);
    if (container === undefined) {
      return this.#answerNow(task, () => this.#answer({ kind: "stopped", task }));
    }
    const isRunning = isUp(container);
    if (isRunning) container.state = "stopping";
    const needs = isRunning ? exponential(this.#random, this.#conditions.stopMean) : 0;
    const exitCode = needs < grace ? terminated : killed;
    this.#schedule(container, Math.min(grace, needs), () => {
      if (isRunning) this.#stop(container, exitCode);
      else if (container.state !== "stopped") container.state = "created";
      const code = container.exitCode;
      this.#answer({ kind: "stopped", task, ...(code === null ? {} : { exitCode: code }) });
    });
  }

  #remove(task: string): void {
    const container = this.#containers.get(task);
    if (container !== undefined) this.#end(container);
    this.#containers.delete(task);
    this.#toStop.delete(task);
  }

  /** About no container that is there. A crash in between leaves nobody to answer to. */
  #answerNow(task: string, answer: () => void): void {
    const lives = this.#lives;
    this.#kernel.schedule(0, EventKind.EXECUTOR, this.#host, task, () => {
      if (lives !== this.#lives) return false;
      answer();
      return true;
    });
  }

  #stop(container: Container, exitCode: number | null): void {
    this.#end(container);
    container.state = "stopped";
    container.exitCode = exitCode;
  }

  #end(container: Container): void {
    if (!isUp(container)) return;
    this.#ports.release(container.hostPorts);
    this.#observer.ended(this.#host, container.task);
  }

  #fail(task: string, step: "prepare" | "start", error: string): void {
    this.#answer({ kind: "failed", task, step, error, temporary: false });
  }

  #schedule(container: Container, delay: number, happens: () => void): void {
    this.#requests += 1;
    const request = this.#requests;
    container.request = request;
    this.#kernel.schedule(delay, EventKind.EXECUTOR, this.#host, container.task, () => {
      const isCurrent = this.#containers.get(container.task) === container;
      if (!isCurrent || container.request !== request) return false;
      happens();
      return true;
    });
  }
}
