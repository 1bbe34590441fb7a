import type {
  ExecutorEvent,
  ExecutorRequest,
  ExistingContainer,
  TaskEvent,
} from "../../core/agent/executor-request.ts";
import { seconds } from "../../core/base/time.ts";
import type { Task } from "../../core/model/task.ts";
import type { Meddling } from "../../sim/scenario/fault-words.ts";

/** What a container of a test does. Each harness has an image, or an environment, that does so. */
export type Behaviour =
  | "runs"
  | "ends-with-0"
  | "ends-with-1"
  /** Goes on when it is asked to stop. */
  | "ignores-stop"
  /** Its program is not there. */
  | "can't-start"
  /** Its image is not there. */
  | "can't-be-prepared"
  | "becomes-healthy"
  | "never-healthy"
  | "falls-ill";

/** One executor with nothing in it yet, and time, which passes in its own way. */
export interface ExecutorRig {
  readonly events: readonly ExecutorEvent[];
  execute(request: ExecutorRequest): void;
  /** Lets time pass until `isSo`; fails when it takes too long. */
  until(isSo: () => boolean): Promise<void>;
  /** Lets so much time pass that whatever was to come would have come. */
  quiet(): Promise<void>;
  /** The daemon ends and starts again; containers go on. What it finds then. */
  restart(whileDown?: () => Promise<void>): Promise<readonly ExistingContainer[]>;
  /** Waits until a container that has started minds signals as it should. */
  settled(task: Task): Promise<void>;
  /** A task whose id begins with `name`. */
  task(name: string, behaviour: Behaviour): Task;
}

/** Somebody who uses an engine behind the back of its daemon. */
export interface Outsider {
  /** Of the rig that was opened last. */
  meddle(task: Task, deed: Meddling): Promise<void>;
  /** Whether its container runs. */
  isUp(task: Task): Promise<boolean>;
}

export interface ExecutorHarness {
  readonly name: string;
  /** False: whether a container is healthy is only looked at while the daemon runs. */
  readonly checksWhileDown: boolean;
  /** False: what publishes a port listens there by itself. */
  readonly bindsPorts: boolean;
  /** Null: nobody else can use its engine. */
  readonly outsider: Outsider | null;
  setUp(): Promise<void>;
  open(): Promise<ExecutorRig>;
  tearDown(): Promise<void>;
}

/** Asks for steps, and waits for their answers. */
export class Driver {
  #rig: ExecutorRig | null = null;

  set rig(rig: ExecutorRig) {
    this.#rig = rig;
  }

  get rig(): ExecutorRig {
    if (this.#rig === null) throw new Error("a test begins with a rig");
    return this.#rig;
  }

  events({ id }: Task): TaskEvent[] {
    return this.rig.events.filter(
      (event): event is TaskEvent => event.kind !== "pong" && event.task === id,
    );
  }

  kinds(task: Task): string[] {
    return this.events(task).map(({ kind }) => kind);
  }

  last(task: Task): TaskEvent | undefined {
    return this.events(task).at(-1);
  }

  prepare(task: Task): Promise<void> {
    return this.#ask(task, { kind: "prepare", task: task.id, assigned: task, files: [] }, 1);
  }

  start(task: Task, answers = 1): Promise<void> {
    return this.#ask(task, { kind: "start", task: task.id }, answers);
  }

  shutdown(task: Task, grace = seconds(5)): Promise<void> {
    return this.#ask(task, { kind: "shutdown", task: task.id, grace }, 1);
  }

  remove(...tasks: Task[]): void {
    for (const task of tasks) this.rig.execute({ kind: "remove", task: task.id });
  }

  async running(name: string, behaviour: Behaviour = "runs"): Promise<Task> {
    const task = this.rig.task(name, behaviour);
    await this.prepare(task);
    await this.start(task);
    return task;
  }

  /** Waits until so much more has been said about the task. */
  async #ask(task: Task, request: ExecutorRequest, answers: number): Promise<void> {
    const before = this.events(task).length;
    this.rig.execute(request);
    await this.rig.until(() => this.events(task).length >= before + answers);
  }
}
