import type { TaskFrame } from "../../core/observe/frame.ts";
import type { SourceMoment } from "../../core/observe/source.ts";
import { cell, type Line, span } from "../line.ts";
import type { Look } from "../look.ts";
import { fact, heading, longFact } from "../parts/facts.ts";
import { namesOf } from "../parts/node-words.ts";
import { type Column, table } from "../parts/table.ts";
import { stateTone, taskState } from "../parts/task-words.ts";
import { view } from "../view.ts";
import { secondsText } from "../words.ts";

interface Row {
  readonly task: TaskFrame;
  /** Null where it is gone already. */
  readonly serviceId: string | null;
  /** Name of the node; empty while it has none. */
  readonly node: string;
}

/** Every attempt to run something; at the side how the attempts of one slot have gone. */
export const tasksView = view<Row>({
  name: "tasks",
  title: "Tasks",
  items: ({ frame }) => {
    const nameOf = namesOf(frame.nodes);
    const services = new Map(frame.services.map(({ name, id }) => [name, id]));
    return frame.tasks.map((task) => ({
      task,
      serviceId: services.get(task.service) ?? null,
      node: task.node === null ? "" : nameOf(task.node),
    }));
  },
  id: ({ task }) => task.id,
  words: ({ task, node }) =>
    `${task.name} ${task.state} ${node} ${task.image} ${task.message} ${task.error}`,
  subject: ({ task, serviceId }) => ({ node: task.node, service: serviceId }),
  draw: (scene) => table(columns, scene),
  details: ({ task }, moment, look, width) => slotDetails(task, moment, look, width),
  nothing: () => "There are no tasks yet.",
});

const columns: readonly Column<Row>[] = [
  {
    title: "TASK",
    width: 16,
    text: ({ task }) => span(task.name, isOver(task) ? "quiet" : "strong"),
  },
  { title: "STATE", width: 11, text: ({ task }, { symbols }) => taskState(task.state, symbols) },
  { title: "DESIRED", width: 8, from: 60, text: ({ task }) => span(task.desired, "quiet") },
  { title: "NODE", width: 10, text: ({ node }) => span(node) },
  {
    title: "SINCE",
    width: 11,
    align: "right",
    from: 70,
    text: ({ task }) => span(since(task), "quiet"),
  },
  { title: "IMAGE", width: 18, from: 120, text: ({ task }) => span(task.image, "quiet") },
  { title: "MESSAGE", width: 0, from: 56, text: ({ task }) => messageOf(task) },
];

function isOver({ desired }: TaskFrame): boolean {
  return desired === "SHUTDOWN" || desired === "REMOVE";
}

function since({ history }: TaskFrame): string {
  const newest = history.at(-1);
  return newest === undefined ? "" : secondsText(newest.at);
}

function messageOf({ error, message }: TaskFrame) {
  return error === "" ? span(message, "quiet") : span(error, "bad");
}

function slotDetails(task: TaskFrame, { frame }: SourceMoment, look: Look, width: number): Line[] {
  const nameOf = namesOf(frame.nodes);
  const attempts = frame.tasks.filter(
    ({ service, slot, node }) =>
      service === task.service && slot === task.slot && (slot !== 0 || node === task.node),
  );
  const where = task.node === null ? "nowhere yet" : nameOf(task.node);
  return [
    [span(task.name, "strong")],
    ...longFact("id", task.id, width),
    fact("service", task.service),
    fact("node", where),
    fact("state", taskState(task.state, look.symbols)),
    fact("desired", task.desired),
    ...longFact("image", task.image, width),
    ...longFact("message", task.message, width),
    ...longFact("error", task.error, width, "bad"),
    ...heading(`The slot: ${attempts.length === 1 ? "1 attempt" : `${attempts.length} attempts`}`),
    ...attempts.flatMap((attempt) => history(attempt, attempt.id === task.id, nameOf, look)),
  ];
}

function history(
  { id, node, history: states, state }: TaskFrame,
  isThis: boolean,
  nameOf: (id: string) => string,
  { symbols }: Look,
): Line[] {
  const where = node === null ? "nowhere" : nameOf(node);
  const head = `${isThis ? symbols.pointer : " "}${id.slice(0, 8)} on ${where}`;
  const known = states.length === 0 ? [{ state, at: null }] : states;
  return [
    [span(head, isThis ? "strong" : "plain")],
    ...known.map(({ state: was, at }) => [
      span(cell(at === null ? "" : secondsText(at), 13, "right"), "quiet"),
      span(`  ${was}`, stateTone(was)),
    ]),
  ];
}
