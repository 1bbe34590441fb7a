import { noBug } from "../core/base/planted.ts";
import { Random } from "../core/base/random.ts";
import type { Timestamp } from "../core/base/time.ts";
import { Turn } from "../core/manager/turn.ts";
import type { Change, StoreObject } from "../core/model/change.ts";
import type { Task } from "../core/model/task.ts";
import { TaskState } from "../core/model/task-state.ts";
import { transaction } from "../core/plan/plan.ts";
import { Scheduler } from "../core/schedule/scheduler.ts";
import { Store } from "../core/store/store.ts";
import { benchNode, benchTask } from "./bench-objects.ts";

/**
 * SwarmKit's scheduler benchmarks (`scheduler_test.go`): `npm run bench:sched`. Each task is a
 * service of its own, so grouping can't help. The clock runs from before the first task is created
 * until a watcher of the store has seen the last assignment; what the store does is included, in
 * entries of the size that a manager proposes. Goals are a tenth of what SwarmKit needs.
 */
interface Row {
  readonly nodes: number;
  readonly tasks: number;
  /** The plugin that the tasks want is on every third node only. */
  readonly isThird?: boolean;
  /** All tasks are of one service. */
  readonly isOne?: boolean;
  readonly goalSeconds: number;
}

const rows: readonly Row[] = [
  { nodes: 1_000, tasks: 1_000, goalSeconds: 0.016 },
  { nodes: 1_000, tasks: 10_000, goalSeconds: 0.2 },
  { nodes: 1_000, tasks: 100_000, goalSeconds: 2.15 },
  { nodes: 1_000, tasks: 100_000, isThird: true, goalSeconds: 2.3 },
  { nodes: 5_000, tasks: 100_000, isThird: true, goalSeconds: 8.7 },
  { nodes: 5_000, tasks: 100_000, isOne: true, goalSeconds: 1 },
  { nodes: 100_000, tasks: 1_000_000, goalSeconds: 120 },
];

class Bench {
  readonly store = new Store(noBug);
  readonly #random = new Random([1, 2, 3, 4]);
  #scheduler: Scheduler | null = null;
  /** Assignments that a watcher of the store has seen. */
  assigned = 0;

  /** Entries full of creations. */
  create(objects: readonly StoreObject[]): void {
    let turn = new Turn();
    for (const object of objects) {
      const changes: Change[] = [{ kind: "create", object }];
      turn.offer(transaction("orchestrator", changes));
      if (turn.isFull) {
        this.#apply(turn);
        turn = new Turn();
      }
    }
    this.#apply(turn);
  }

  lead(): void {
    this.#scheduler = new Scheduler(this.store, noBug);
  }

  schedule(): void {
    const scheduler = this.#scheduler as Scheduler;
    while (scheduler.hasWork) {
      const turn = new Turn();
      const now = this.store.time;
      scheduler.plan({ view: this.store, now, random: this.#random, planted: noBug }, turn);
      this.#apply(turn);
    }
  }

  #apply({ transactions }: Turn): void {
    const index = this.store.index + 1;
    const { events } = this.store.apply({ time: index as Timestamp, transactions }, index);
    this.#scheduler?.note(events);
    for (const { previous, current } of events) {
      if (current?.kind !== "task" || current.status.state !== TaskState.ASSIGNED) continue;
      if ((previous as Task).status.state === TaskState.PENDING) this.assigned += 1;
    }
  }
}

interface Measured {
  readonly seconds: number;
  /** More when the machine has a second processor for collecting garbage, less when it is busy. */
  readonly processorSeconds: number;
  readonly assigned: number;
}

function measure({ nodes, tasks, isThird, isOne }: Row): Measured {
  const bench = new Bench();
  bench.create(listOf(nodes, (at) => benchNode(at, isThird === true && at % 3 === 0)));
  bench.lead();
  const driver = isThird ? "nfs" : null;
  const made = listOf(tasks, (at) => benchTask(at, isOne ? "service" : `service-${at}`, driver));
  const begun = performance.now();
  const before = process.cpuUsage();
  bench.create(made);
  bench.schedule();
  const { user, system } = process.cpuUsage(before);
  const seconds = (performance.now() - begun) / 1000;
  return { seconds, processorSeconds: (user + system) / 1e6, assigned: bench.assigned };
}

function listOf<T>(count: number, make: (at: number) => T): T[] {
  return Array.from({ length: count }, (_, at) => make(at));
}

function report(row: Row): void {
  const { seconds, processorSeconds, assigned } = measure(row);
  if (assigned !== row.tasks) throw new Error(`${assigned} of ${row.tasks} tasks were assigned`);
  const megabytes = Math.round(process.resourceUsage().maxRSS / 1024);
  print([
    row.nodes.toLocaleString("en"),
    row.tasks.toLocaleString("en"),
    row.isOne ? "one service" : row.isThird ? "a third eligible" : "",
    `${seconds.toFixed(3)} s`,
    `${processorSeconds.toFixed(3)} s`,
    `${(seconds / row.goalSeconds).toFixed(2)} of ${row.goalSeconds} s`,
    Math.round(row.tasks / seconds).toLocaleString("en"),
    `${megabytes.toLocaleString("en")} MB`,
  ]);
}

const columns = [
  "nodes",
  "tasks",
  "",
  "time",
  "processor",
  "time to the goal",
  "tasks/s",
  "memory",
];
const widths = [8, 10, 17, 11, 11, 16, 9, 9];

function print(cells: readonly string[]): void {
  console.log(cells.map((cell, at) => cell.padStart(widths[at] as number)).join("  "));
}

/** Rows can be named by their numbers, from 1. The first runs are to warm up. */
const chosen = process.argv.slice(2).map(Number);
for (let at = 0; at < 5; at += 1) measure({ nodes: 1_000, tasks: 10_000, goalSeconds: 0 });
print(columns);
for (const [at, row] of rows.entries()) {
  if (chosen.length === 0 || chosen.includes(at + 1)) report(row);
}
