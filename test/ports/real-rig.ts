import { rmSync } from "node:fs";
import { setTimeout as delay } from "node:timers/promises";
import type {
  ContainerFile,
  ExecutorEvent,
  ExecutorRequest,
  TaskEvent,
  TaskRequest,
} from "../../core/agent/executor-request.ts";
import type { Timestamp } from "../../core/base/time.ts";
import { ms } from "../../core/base/time.ts";
import type { ContainerSpec } from "../../core/model/container-spec.ts";
import type { Task } from "../../core/model/task.ts";
import type { Engine } from "../../real/engine.ts";
import { task } from "../support/model.ts";
import { patienceMs } from "../support/patience.ts";
import type { Behaviour, ExecutorRig } from "./executor-rig.ts";

const isSettled = "settled";

/** What a container's shell says once its traps are set: before, the kernel drops such a signal. */
export const saysSettled = `echo ${isSettled}`;

/** The first process of a container has no handler of signals but its own. */
const rests = `trap 'exit 143' TERM; ${saysSettled}; sleep 300 & wait`;

/** How a task of a real engine is made to behave. */
const scripts: Readonly<Record<Behaviour, string>> = {
  runs: rests,
  "ends-with-0": "sleep 0.3; exit 0",
  "ends-with-1": "sleep 0.3; exit 1",
  "ignores-stop": `trap '' TERM; ${saysSettled}; while :; do sleep 0.1; done`,
  "can't-start": "",
  "can't-be-prepared": "",
  "becomes-healthy": rests,
  "never-healthy": rests,
  "falls-ill": rests,
};

/** Made by the first check of a task that falls ill; of plain processes it is on this machine. */
const markOf = (id: string) => `/tmp/${id}`;

/** What a task's health check is; those that fall ill are healthy once. */
function checkOf(behaviour: Behaviour, id: string): string | null {
  if (behaviour === "becomes-healthy") return "true";
  if (behaviour === "never-healthy") return "false";
  if (behaviour === "falls-ill") return `mkdir ${markOf(id)}`;
  return null;
}

/** The task, with some of its container otherwise. */
export function withContainer(task: Task, change: Partial<ContainerSpec>): Task {
  const { spec } = task;
  return { ...task, spec: { ...spec, container: { ...spec.container, ...change } } };
}

let count = 0;

/** A real engine that a test drives; `open` makes it anew after a restart of the daemon. */
export class RealRig implements ExecutorRig {
  readonly events: ExecutorEvent[] = [];
  readonly #open: () => Engine;
  readonly #container: Partial<ContainerSpec>;
  readonly #marks: string[] = [];
  #engine: Engine;

  private constructor(open: () => Engine, container: Partial<ContainerSpec>) {
    this.#open = open;
    this.#container = container;
    this.#engine = open();
  }

  static async start(open: () => Engine, container: Partial<ContainerSpec> = {}): Promise<RealRig> {
    const rig = new RealRig(open, container);
    await rig.#engine.existing();
    rig.#engine.listen((event) => rig.events.push(event));
    return rig;
  }

  get engine(): Engine {
    return this.#engine;
  }

  execute(request: ExecutorRequest): void {
    this.#engine.execute(request);
  }

  async until(isSo: () => boolean): Promise<void> {
    const giveUpAt = Date.now() + patienceMs;
    while (!isSo()) {
      if (Date.now() > giveUpAt) throw new Error(`waited in vain: ${JSON.stringify(this.events)}`);
      await delay(5);
    }
  }

  quiet(): Promise<void> {
    return delay(700);
  }

  async restart(whileDown: () => Promise<void> = async () => undefined) {
    await this.#engine.close();
    await whileDown();
    this.#engine = this.#open();
    const found = await this.#engine.existing();
    this.#engine.listen((event) => this.events.push(event));
    return found;
  }

  /** Asks for a step and waits for one of these answers, which it gives back. */
  async step(request: TaskRequest, ...answers: TaskEvent["kind"][]): Promise<TaskEvent> {
    const before = this.events.length;
    this.execute(request);
    return this.hears(request.task, answers, before);
  }

  /** Waits until one of these is said about the task, and gives it back. */
  async hears(task: string, kinds: readonly TaskEvent["kind"][], from = 0): Promise<TaskEvent> {
    const found = () =>
      this.events
        .slice(from)
        .filter((event): event is TaskEvent => event.kind !== "pong")
        .find((event) => event.task === task && kinds.includes(event.kind));
    await this.until(() => found() !== undefined);
    return found() as TaskEvent;
  }

  prepare(task: Task, files: readonly ContainerFile[] = []): Promise<ExecutorEvent> {
    const request = { kind: "prepare", task: task.id, assigned: task, files } as const;
    return this.step(request, "prepared", "failed");
  }

  /** A container that runs. */
  async running(name: string, container: Partial<ContainerSpec> = {}): Promise<Task> {
    const task = withContainer(this.task(name, "runs"), container);
    await this.prepare(task);
    await this.step({ kind: "start", task: task.id }, "started");
    return task;
  }

  async settled({ id }: Task): Promise<void> {
    const options = { follow: true, tail: null, since: 0 as Timestamp, until: 0 as Timestamp };
    for await (const { text } of this.#engine.logs(id, options)) if (text === isSettled) return;
    throw new Error(`${id} has ended before it was settled`);
  }

  /** What a container prints that runs this line of shell, and how it ends. */
  async printed(line: string, change: (task: Task) => Task, files: readonly ContainerFile[] = []) {
    const command = ["/bin/sh", "-c", line];
    const task = change(withContainer(this.task("prints", "runs"), { command }));
    await this.prepare(task, files);
    await this.step({ kind: "start", task: task.id }, "exited", "failed");
    const lines: string[] = [];
    const options = { follow: false, tail: null, since: 0 as Timestamp, until: 0 as Timestamp };
    for await (const { text } of this.#engine.logs(task.id, options)) lines.push(text);
    this.remove(task);
    return lines;
  }

  remove(task: Task): void {
    this.execute({ kind: "remove", task: task.id });
  }

  async close(): Promise<void> {
    await this.#engine.close();
    for (const mark of this.#marks) rmSync(mark, { recursive: true, force: true });
  }

  task(name: string, behaviour: Behaviour): Task {
    count += 1;
    const id = `${name}${process.pid}x${count}`;
    const plain = task(id, { service: "web" });
    const check = checkOf(behaviour, id);
    if (behaviour === "falls-ill") this.#marks.push(markOf(id));
    const command =
      behaviour === "can't-start" ? ["/no/such/program"] : ["/bin/sh", "-c", scripts[behaviour]];
    const image =
      behaviour === "can't-be-prepared"
        ? { image: "127.0.0.1:1/no/such-image:1", command: [] }
        : {};
    const health =
      check === null
        ? null
        : {
            test: ["CMD-SHELL", check],
            interval: ms(100),
            timeout: ms(20_000),
            retries: 2,
            startPeriod: ms(0),
          };
    const container = { ...plain.spec.container, ...this.#container, command, health, ...image };
    return {
      ...plain,
      spec: { ...plain.spec, container, networks: [{ target: "none", aliases: [] }] },
    };
  }
}
