import type { ExecutorEvent } from "../../core/agent/executor-request.ts";
import { seconds } from "../../core/base/time.ts";
import type { HealthConfig } from "../../core/model/container-spec.ts";
import type { Task } from "../../core/model/task.ts";
import { Kernel } from "../../sim/kernel.ts";
import { SimExecutor } from "../../sim/ports/executor.ts";
import type { Meddling } from "../../sim/scenario/fault-words.ts";
import { calmContainers } from "../../sim/world/plan.ts";
import { task } from "../support/model.ts";
import { random } from "../support/store.ts";
import { runUntil, runUntilSo } from "../support/world.ts";
import type { Behaviour, ExecutorHarness, ExecutorRig } from "./executor-rig.ts";

const health: HealthConfig = {
  test: ["CMD", "check"],
  interval: seconds(5),
  timeout: seconds(1),
  retries: 3,
  startPeriod: seconds(0),
};
const silent = {
  created: ignore,
  started: ignore,
  ended: ignore,
  healthy: ignore,
  unhealthy: ignore,
};

function ignore(): void {
  return;
}

let rig: SimRig | null = null;

/** The executor of the simulator: its own kernel, and conditions set by what containers do. */
export const simExecutor: ExecutorHarness = {
  name: "the simulated executor",
  checksWhileDown: true,
  bindsPorts: true,
  outsider: {
    meddle: async (task, deed) => rig?.meddle(task, deed),
    isUp: async (task) => rig?.isUp(task) ?? false,
  },
  setUp: async () => undefined,
  open: async () => {
    rig = new SimRig();
    return rig;
  },
  tearDown: async () => undefined,
};

class SimRig implements ExecutorRig {
  readonly events: ExecutorEvent[] = [];
  readonly #kernel = new Kernel();
  readonly #conditions = {
    ...calmContainers(),
    ...{ pullMean: 100_000, healthyMean: 500_000, sickImages: new Set<string>() },
  };
  #isListening = true;
  readonly #executor = new SimExecutor(
    this.#kernel,
    0,
    random(),
    this.#conditions,
    silent,
    (event) => {
      if (this.#isListening) this.events.push(event);
    },
  );

  execute: SimExecutor["execute"] = (request) => this.#executor.execute(request);

  async until(isSo: () => boolean): Promise<void> {
    runUntilSo(this.#kernel, isSo);
  }

  async quiet(): Promise<void> {
    runUntil({ kernel: this.#kernel }, this.#kernel.now / 1e6 + 60);
  }

  async restart(whileDown: () => Promise<void> = async () => undefined) {
    this.#isListening = false;
    this.#executor.abandon();
    await whileDown();
    this.#isListening = true;
    return this.#executor.existing();
  }

  /** It is done when it is said to be. */
  async meddle({ id }: Task, deed: Meddling): Promise<void> {
    this.#executor.meddle(deed, this.#isListening, id);
    const goal = deed === "start" ? "running" : deed === "stop" ? "ended" : undefined;
    const left = () => this.#executor.existing().find(({ task }) => task === id)?.state;
    await this.until(() => left() === goal);
  }

  async isUp({ id }: Task): Promise<boolean> {
    await this.quiet();
    return this.#executor.running().includes(id);
  }

  async settled(): Promise<void> {
    return;
  }

  task(name: string, behaviour: Behaviour): Task {
    const plain = task(name, { image: `${behaviour.replace("'", "")}:1` });
    const { spec } = plain;
    const exit = behaviour === "ends-with-1" ? 1_000_000 : 0;
    const isChecked = /healthy|ill/.test(behaviour);
    this.#set(behaviour, spec.container.image);
    const env = behaviour.startsWith("ends")
      ? ["SIM_RUNS_FOR_US=200000-200000", `SIM_FAILURES_PER_MILLION=${exit}`]
      : [];
    const container = { ...spec.container, env, health: isChecked ? health : null };
    return { ...plain, spec: { ...spec, container } };
  }

  #set(behaviour: Behaviour, image: string): void {
    const conditions = this.#conditions;
    if (behaviour === "ignores-stop") conditions.stopMean = 1e12;
    if (behaviour === "can't-start") conditions.badImages.set(image, 0);
    if (behaviour === "can't-be-prepared") conditions.pullFailuresPerMillion = 1_000_000;
    if (behaviour === "never-healthy") conditions.sickImages.add(image);
    if (behaviour === "falls-ill") conditions.unhealthyMean = 1_000_000;
  }
}
