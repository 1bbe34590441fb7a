import type {
  ExecutorEvent,
  ExecutorRequest,
  ExistingContainer,
} from "../core/agent/executor-request.ts";
import type { Random } from "../core/base/random.ts";
import type { ContainerSpec } from "../core/model/task-spec.ts";
import type { Executor } from "../core/ports/executor.ts";
import { exponential } from "./draw.ts";
import { EventKind, type Kernel } from "./kernel.ts";
import { type Program, programOf } from "./program.ts";

/** How containers fare. Microseconds; per million. */
export interface ContainerConditions {
  pullMean: number;
  createMean: number;
  startMean: number;
  stopMean: number;
  pullFailuresPerMillion: number;
  startFailuresPerMillion: number;
  /** How long a container runs, on average, before it ends by itself; 0 is for ever. */
  crashMean: number;
}

/** Told when a container begins or ends to run: what really is, whatever the cluster believes. */
export interface ContainerObserver {
  started(host: number, task: string): void;
  ended(host: number, task: string): void;
}

interface Container {
  readonly task: string;
  readonly program: Program;
  state: "preparing" | "created" | "starting" | "running" | "stopping" | "stopped";
  /** Counted up by each request, so that an answer to an overtaken one is dropped. */
  request: number;
}

/** How a container comes to end by itself. */
interface Exit {
  readonly after: number;
  readonly exitCode: number;
}

/** One machine's containers: they take time to pull, start and stop, and some fail. */
export class SimExecutor implements Executor {
  readonly #kernel: Kernel;
  readonly #host: number;
  readonly #random: Random;
  readonly #conditions: ContainerConditions;
  readonly #observer: ContainerObserver;
  readonly #answer: (event: ExecutorEvent) => void;
  readonly #containers = new Map<string, Container>();
  readonly #images = new Set<string>();
  #requests = 0;
  #crashes = 0;

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
    this.#answer = answer;
  }

  /** What is there, running or not. */
  existing(): ExistingContainer[] {
    return [...this.#containers.values()].map(({ task, state }) => ({
      task,
      running: state === "running" || state === "stopping",
    }));
  }

  execute(request: ExecutorRequest): void {
    switch (request.kind) {
      case "prepare":
        return this.#prepare(request.task, request.container);
      case "start":
        return this.#start(request.task);
      case "shutdown":
        return this.#shutdown(request.task, request.grace);
      case "remove":
        return this.#remove(request.task);
    }
  }

  /** The machine loses power: everything stops, what was created stays. */
  crash(): void {
    this.#crashes += 1;
    for (const container of [...this.#containers.values()]) {
      this.#end(container);
      container.request = 0;
      if (container.state === "preparing") this.#containers.delete(container.task);
      else if (container.state !== "created") container.state = "stopped";
    }
  }

  #prepare(task: string, { image, env }: ContainerSpec): void {
    const known = this.#containers.get(task);
    if (known !== undefined && known.state !== "preparing") {
      return this.#answerNow(task, () => this.#answer({ kind: "prepared", task }));
    }
    const container: Container = known ?? {
      task,
      program: programOf(env),
      state: "preparing",
      request: 0,
    };
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

  #start(task: string): void {
    const container = this.#containers.get(task);
    if (container === undefined) {
      return this.#answerNow(task, () => this.#fail(task, "start", "no such container"));
    }
    if (container.state === "running") {
      return this.#answerNow(task, () => this.#answer({ kind: "started", task }));
    }
    container.state = "starting";
    const fails = this.#random.chance(this.#conditions.startFailuresPerMillion);
    this.#schedule(container, exponential(this.#random, this.#conditions.startMean), () => {
      if (fails) {
        container.state = "stopped";
        return this.#fail(task, "start", "container could not be started");
      }
      container.state = "running";
      this.#observer.started(this.#host, task);
      this.#endLater(container);
      this.#answer({ kind: "started", task });
    });
  }

  /** Its program is done at some time, unless it breaks before. */
  #endLater(container: Container): void {
    const crash = this.#crashOf();
    const end = this.#endOf(container.program);
    const first = crash !== null && (end === null || crash.after < end.after) ? crash : end;
    if (first === null) return;
    this.#schedule(container, first.after, () => {
      this.#end(container);
      container.state = "stopped";
      this.#answer({ kind: "exited", task: container.task, exitCode: first.exitCode });
    });
  }

  #crashOf(): Exit | null {
    const { crashMean } = this.#conditions;
    if (crashMean === 0) return null;
    const exitCode = this.#random.chance(200_000) ? 0 : 1;
    return { after: exponential(this.#random, crashMean), exitCode };
  }

  #endOf({ runsFor, failuresPerMillion }: Program): Exit | null {
    if (runsFor === null) return null;
    const after = this.#random.between(...runsFor);
    return { after, exitCode: this.#random.chance(failuresPerMillion) ? 1 : 0 };
  }

  /** What does not stop within `grace` is killed. */
  #shutdown(task: string, grace: number): void {
    const container = this.#containers.get(task);
    if (container === undefined) {
      return this.#answerNow(task, () => this.#answer({ kind: "stopped", task }));
    }
    const isRunning = container.state === "running" || container.state === "stopping";
    if (isRunning) container.state = "stopping";
    const took = isRunning
      ? Math.min(grace, exponential(this.#random, this.#conditions.stopMean))
      : 0;
    this.#schedule(container, took, () => {
      this.#end(container);
      container.state = "stopped";
      this.#answer({ kind: "stopped", task });
    });
  }

  #remove(task: string): void {
    const container = this.#containers.get(task);
    if (container !== undefined) this.#end(container);
    this.#containers.delete(task);
  }

  /** About no container that is there. A crash in between leaves nobody to answer to. */
  #answerNow(task: string, answer: () => void): void {
    const crashes = this.#crashes;
    this.#kernel.schedule(0, EventKind.EXECUTOR, this.#host, task, () => {
      if (crashes !== this.#crashes) return false;
      answer();
      return true;
    });
  }

  #end(container: Container): void {
    if (container.state !== "running" && container.state !== "stopping") return;
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
