import type { Outage, Partition, RoleSpan, RunRecord, TimeSpan } from "../../record/run-record.ts";

/** Where one node stood at a moment. */
export interface NodeAt {
  readonly name: string;
  readonly state: "up" | Outage["state"];
  /** Null on a worker, and on a machine that is off. */
  readonly raft: RoleSpan | null;
  /** What the log of a manager held; null when it has none. */
  readonly log: { readonly last: number; readonly commit: number; readonly applied: number } | null;
  /** The names of the tasks whose containers ran. */
  readonly running: readonly string[];
}

/** Looks up any moment of a run, each in a time that grows with the nodes and not with the run. */
export class States {
  readonly #record: RunRecord;
  readonly #roles: readonly (readonly RoleSpan[])[];
  readonly #outages: readonly (readonly Outage[])[];
  /** By node, the rows of its samples. */
  readonly #samples: readonly (readonly number[])[];
  readonly #runs: readonly (readonly (TimeSpan & { readonly name: string })[])[];

  constructor(record: RunRecord) {
    this.#record = record;
    const { nodes, roles, outages, samples, tasks } = record;
    const runs = tasks.flatMap((task) =>
      task.runs.map((run) => ({ ...run, name: task.name, node: task.node ?? -1 })),
    );
    this.#roles = nodes.map((_, node) => roles.filter((each) => each.node === node));
    this.#outages = nodes.map((_, node) => outages.filter((each) => each.node === node));
    const rows: number[][] = nodes.map(() => []);
    for (const [row, node] of samples.node.entries()) rows[node]?.push(row);
    this.#samples = rows;
    this.#runs = nodes.map((_, node) => runs.filter((each) => each.node === node));
  }

  at(moment: number): NodeAt[] {
    return this.#record.nodes.map(({ name }, node) => {
      const outage = spanAt(this.#outages[node] ?? [], moment, this.#record.end);
      const running = (this.#runs[node] ?? []).filter((run) => isAt(run, moment, this.#record.end));
      const raft = spanAt(this.#roles[node] ?? [], moment, this.#record.end);
      return {
        ...{ name, state: outage?.state ?? "up", raft },
        log: raft === null ? null : this.#logAt(node, moment),
        running: running.map((run) => run.name),
      };
    });
  }

  partitionsAt(moment: number): readonly Partition[] {
    return this.#record.partitions.filter((each) => isAt(each, moment, this.#record.end));
  }

  /** How many tasks of each service ran and were wanted. */
  servicesAt(moment: number): { name: string; running: number; wanted: number }[] {
    return this.#record.services.flatMap(({ name, points }) => {
      const point = points[lastBefore(points.length, (row) => points[row]?.at ?? 0, moment)];
      return point === undefined ? [] : [{ name, running: point.running, wanted: point.wanted }];
    });
  }

  /** The rows of messages that were under way. */
  messagesAt(moment: number): number[] {
    const { sentAt, arrivedAt } = this.#record.messages;
    const newest = lastBefore(sentAt.length, (row) => sentAt[row] ?? 0, moment);
    const rows: number[] = [];
    for (let row = newest; row >= 0 && row > newest - lookBack; row -= 1) {
      if ((arrivedAt[row] as number) >= moment) rows.unshift(row);
    }
    return rows;
  }

  #logAt(node: number, moment: number): NodeAt["log"] {
    const { at, last, commit, applied } = this.#record.samples;
    const rows = this.#samples[node] ?? [];
    const row = rows[lastBefore(rows.length, (each) => at[rows[each] as number] ?? 0, moment)];
    if (row === undefined) return null;
    return {
      ...{ last: last[row] ?? 0, commit: commit[row] ?? 0, applied: applied[row] ?? 0 },
    };
  }
}

/** No message is looked for further back than this many others. */
const lookBack = 5_000;

function isAt({ from, to }: TimeSpan, moment: number, end: number): boolean {
  return from <= moment && (moment < to || (to === end && moment === end));
}

function spanAt<T extends TimeSpan>(spans: readonly T[], moment: number, end: number): T | null {
  const row = lastBefore(spans.length, (each) => (spans[each] as T).from, moment);
  const span = spans[row];
  return span !== undefined && isAt(span, moment, end) ? span : null;
}

/** The last of `count` ascending moments that is not after `moment`; -1 when all are. */
function lastBefore(count: number, at: (row: number) => number, moment: number): number {
  let [low, high] = [0, count];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (at(middle) <= moment) low = middle + 1;
    else high = middle;
  }
  return low - 1;
}
