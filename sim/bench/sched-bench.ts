import { noBug } from "../../core/base/planted.ts";
import { Random } from "../../core/base/random.ts";
import { Secrets } from "../../core/base/secrets.ts";
import type { Timestamp } from "../../core/base/time.ts";
import { Turn } from "../../core/manager/turn.ts";
import type { Change, StoreObject } from "../../core/model/change.ts";
import type { Task } from "../../core/model/task.ts";
import { TaskState } from "../../core/model/task-state.ts";
import { transaction } from "../../core/plan/plan.ts";
import { Scheduler } from "../../core/schedule/scheduler.ts";
import { Store } from "../../core/store/store.ts";
import { benchNode, benchTask } from "./bench-objects.ts";
import { type BenchRow, best, type Measured, runBench, timed } from "./bench-table.ts";

/**
 * SwarmKit's scheduler benchmarks (`scheduler_test.go`): `npm run bench:sched`. Each task is a
 * service of its own, so grouping can't help. The clock runs from before the first task is created
 * until a watcher of the store has seen the last assignment; what the store does is included, in
 * entries of the size that a manager proposes. Goals are a tenth of what SwarmKit needs.
 */
function main(): void {
  const rows = [
    row({ nodes: 1_000, tasks: 1_000 }, 0.016),
    row({ nodes: 1_000, tasks: 10_000 }, 0.2),
    row({ nodes: 1_000, tasks: 100_000 }, 2.15),
    row({ nodes: 1_000, tasks: 100_000, kind: "a third eligible" }, 2.3),
    row({ nodes: 5_000, tasks: 100_000, kind: "a third eligible" }, 8.7),
    row({ nodes: 5_000, tasks: 100_000, kind: "one service" }, 1),
    row({ nodes: 100_000, tasks: 1_000_000 }, 120),
  ];
  runBench(rows, () => {
    for (let time = 0; time < 5; time += 1) measure({ nodes: 1_000, tasks: 10_000 });
  });
}

interface Cluster {
  readonly nodes: number;
  readonly tasks: number;
  /** A third eligible: the plugin that the tasks want is on every third node only. */
  readonly kind?: "a third eligible" | "one service";
}

function row(cluster: Cluster, goal: number): BenchRow {
  const { nodes, tasks, kind } = cluster;
  const [many, few] = [tasks.toLocaleString("en"), nodes.toLocaleString("en")];
  const what = `${few} nodes, ${many} tasks${kind === undefined ? "" : `, ${kind}`}`;
  return { what, unit: "s", goal, measure: () => measured(cluster) };
}

class Bench {
  readonly store = new Store(noBug);
  readonly #chance = {
    random: new Random([1, 2, 3, 4]),
    secrets: new Secrets([1, 2, 3, 4, 5, 6, 7, 8]),
  };
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
      scheduler.plan({ view: this.store, now, ...this.#chance, planted: noBug }, turn);
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

/** What is over soon is measured several times. */
function measured(cluster: Cluster): Measured {
  const rounds = cluster.tasks > 10_000 ? 1 : 10;
  const figures = best(Array.from({ length: rounds }, () => measure(cluster)));
  const megabytes = Math.round(process.resourceUsage().maxRSS / 1024).toLocaleString("en");
  const perSecond = Math.round(cluster.tasks / figures.processor).toLocaleString("en");
  return { ...figures, note: `${perSecond} tasks a processor's second, ${megabytes} MB at most` };
}

function measure({ nodes, tasks, kind }: Cluster): Measured {
  const [isThird, isOne] = [kind === "a third eligible", kind === "one service"];
  const bench = new Bench();
  bench.create(listOf(nodes, (at) => benchNode(at, isThird && at % 3 === 0)));
  bench.lead();
  const driver = isThird ? "nfs" : null;
  const made = listOf(tasks, (at) => benchTask(at, isOne ? "service" : `service-${at}`, driver));
  const figures = timed(() => {
    bench.create(made);
    bench.schedule();
  });
  if (bench.assigned !== tasks) throw new Error(`${bench.assigned} of ${tasks} were assigned`);
  return figures;
}

function listOf<T>(count: number, make: (at: number) => T): T[] {
  return Array.from({ length: count }, (_, at) => make(at));
}

main();
