import * as Plot from "@observablehq/plot";
import type { RecordedTask, RunRecord } from "../../record/run-record.ts";
import { clipped, overlaps, overTime, shortName, widthOf } from "./chart-frame.ts";
import type { ViewWindow } from "./view-window.ts";

const rowHeight = 20;
const slotLettersMost = 12;
/** More rows than these are shown a service at a time. */
const rowsMost = 60;

/** How many slots a service has, or all services have. */
export function slotCount(record: RunRecord, service: string | null): number {
  return new Set(tasksOf(record, service).map(({ name }) => name)).size;
}

/** The names of a service's slots, or of all services', those with the most to tell first. */
export function slotsOf(record: RunRecord, service: string | null): string[] {
  const tasks = tasksOf(record, service);
  const told = new Map<string, number>();
  for (const { name, states } of tasks) told.set(name, (told.get(name) ?? 0) + states.length);
  const slots = [...told].sort(([, left], [, right]) => right - left);
  const kept = new Set(slots.slice(0, rowsMost).map(([name]) => name));
  return [...new Set(tasks.map(({ name }) => name))].filter((name) => kept.has(name)).sort(byName);
}

function tasksOf({ tasks }: RunRecord, service: string | null): readonly RecordedTask[] {
  return tasks.filter((task) => service === null || task.service === service);
}

/** `web.2` before `web.10`. */
function byName(left: string, right: string): number {
  const [one, other] = [left, right].map((name) => /^(.*?)(\d*)$/.exec(name) ?? ["", name, ""]);
  if (one?.[1] !== other?.[1]) return (one?.[1] ?? "") < (other?.[1] ?? "") ? -1 : 1;
  return Number(one?.[2]) - Number(other?.[2]);
}

/** A row for each slot: what the cluster believes of its tasks, and when their containers ran. */
export function tasksChart(
  record: RunRecord,
  slots: readonly string[],
  view: ViewWindow,
  width: number,
): SVGSVGElement {
  const rows = new Map(slots.map((name, row) => [name, row]));
  const tasks = record.tasks.filter(({ name }) => rows.has(name));
  const nodeOf = ({ node }: RecordedTask) => (node === null ? "" : record.nodes[node]?.name);
  const believed = tasks.flatMap((task) => {
    const from = task.states[0]?.at ?? 0;
    const last = task.states.at(-1);
    const isOver = (last?.state ?? 0) > running;
    const span = { from, to: isOver ? (last?.at ?? record.end) : (task.removedAt ?? record.end) };
    if (!overlaps(view, span)) return [];
    return [
      { ...clipped(view, span), row: rows.get(task.name) ?? 0, title: titleOf(task, nodeOf) },
    ];
  });
  const ran = tasks.flatMap((task) =>
    task.runs.flatMap((run) => {
      if (!overlaps(view, run)) return [];
      const text = widthOf(view, run, width) > 40 ? nodeOf(task) : "";
      const title = titleOf(task, nodeOf);
      return [{ ...clipped(view, run), row: rows.get(task.name) ?? 0, text, title }];
    }),
  );
  const chart = Plot.plot({
    ...overTime(view, width),
    height: slots.length * rowHeight + 34,
    ...{ marginTop: 6, marginBottom: 24 },
    y: {
      ...{ domain: [-0.6, slots.length - 0.4], reverse: true, tickSize: 0, label: null },
      ...{
        ticks: slots.map((_, row) => row),
        tickFormat: (row: number) => shortName(slots[row] ?? "", slotLettersMost),
      },
    },
    marks: [
      Plot.rect(believed, {
        ...{ x1: "x1", x2: "x2", y1: (bar) => bar.row - 0.36, y2: (bar) => bar.row + 0.36 },
        ...{ fill: "url(#hatch-task)", stroke: "var(--task)", rx: 2, title: "title" },
      }),
      Plot.rect(ran, {
        ...{ x1: "x1", x2: "x2", y1: (bar) => bar.row - 0.36, y2: (bar) => bar.row + 0.36 },
        ...{ fill: "var(--task)", stroke: "var(--page)", rx: 2, title: "title" },
      }),
      Plot.text(ran, {
        ...{ x: "x1", y: "row", text: "text", textAnchor: "start", dx: 5 },
        ...{ fill: "var(--task-text)", fontSize: 11 },
      }),
    ],
    ariaLabel: "Tasks over time",
    ariaDescription:
      "One row for each slot; solid where the container ran, hatched where it did not",
  });
  return chart as unknown as SVGSVGElement;
}

/** SwarmKit's number of the state; later ones are ends. */
const running = 512;

function titleOf(task: RecordedTask, nodeOf: (task: RecordedTask) => string | undefined): string {
  const err = task.states.at(-1)?.err ?? "";
  const where = nodeOf(task) === "" ? "on no node" : `on ${nodeOf(task)}`;
  return `${task.name} ${where}, task ${task.id}${err === "" ? "" : `: ${err}`}`;
}
