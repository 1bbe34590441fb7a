import type { NodeFrame } from "../../core/observe/frame.ts";
import { cell, ends, type Line, type Span, shortened, span, toWidth, widthOf } from "../line.ts";
import type { Look } from "../look.ts";
import type { Frame } from "../symbols.ts";
import { bytes, cpus } from "../words.ts";
import { bar, loadTone } from "./bar.ts";
import { availabilityWord, nodeName, nodeState, roleSymbol, roleWords } from "./node-words.ts";

/** A node as it is drawn. */
export interface CardOf {
  readonly node: NodeFrame;
  /** How many links to or from it lose everything. */
  readonly cuts: number;
  /** How many of its tasks run. */
  readonly running: number;
  readonly isChosen: boolean;
}

export const tallCard = 6;
export const shortCard = 4;

/** A node as a box of `tallCard` lines, or `shortCard` where there are many. */
export function card(of: CardOf, width: number, height: number, look: Look): Line[] {
  const inside = width - 4;
  const lines = height === tallCard ? tallLines(of, inside, look) : shortLines(of, inside, look);
  const { bottomLeft, bottomRight, flat, side } = edges(of, look);
  const tone = of.isChosen ? "strong" : "quiet";
  const body = lines.map((line) => [
    span(`${side} `, tone),
    ...toWidth(line, inside),
    span(` ${side}`, tone),
  ]);
  return [
    top(of, width, look),
    ...body,
    [span(bottomLeft + flat.repeat(Math.max(0, width - 2)) + bottomRight, tone)],
  ];
}

function edges({ isChosen }: CardOf, { symbols }: Look): Frame {
  return isChosen ? symbols.bold : symbols.frame;
}

function top(of: CardOf, width: number, look: Look): Line {
  const { topLeft, topRight, flat } = edges(of, look);
  const tone = of.isChosen ? "strong" : "quiet";
  const room = width - 8;
  const name = shortened(nodeName(of.node), room);
  const role = roleWords(of.node).find((words) => widthOf(name) + widthOf(words) + 2 <= room) ?? "";
  const end: Line = [
    span(role === "" ? "" : ` ${role} `, roleTone(of.node)),
    span(flat + topRight, tone),
  ];
  const start: Line = [
    span(`${topLeft}${flat} `, tone),
    roleSymbol(of.node, look.symbols),
    span(` ${name} `, of.isChosen ? "chosen" : "strong"),
    span(flat.repeat(Math.max(0, width)), tone),
  ];
  return ends(start, end, width);
}

function roleTone({ raft }: NodeFrame): Span["tone"] {
  return raft?.status.role === "leader" ? "accent" : "quiet";
}

function tallLines(of: CardOf, inside: number, look: Look): Line[] {
  const { load } = of.node;
  const { nanoCpus, nanoCpusTotal, memoryBytes, memoryBytesTotal } = load;
  return [
    ends([nodeState(of.node, look.symbols)], [availabilityWord(of.node)], inside),
    loadLine("cpu", nanoCpus, nanoCpusTotal, cpus, inside, look),
    loadLine("mem", memoryBytes, memoryBytesTotal, bytes, inside, look),
    taskLine(of, inside, look),
  ];
}

function shortLines(of: CardOf, inside: number, look: Look): Line[] {
  const { node } = of;
  const { nanoCpus, nanoCpusTotal, memoryBytes, memoryBytesTotal } = node.load;
  const half = Math.floor((inside - 5) / 2);
  const availability = availabilityWord(node);
  const isUsual = availability.text === "active";
  return [
    ends([nodeState(node, look.symbols)], isUsual ? taskCount(of, look) : [availability], inside),
    [
      span("c ", "quiet"),
      ...bar(nanoCpus, nanoCpusTotal, half, look.symbols, loadTone(nanoCpus, nanoCpusTotal)),
      span(" m ", "quiet"),
      ...bar(
        memoryBytes,
        memoryBytesTotal,
        half,
        look.symbols,
        loadTone(memoryBytes, memoryBytesTotal),
      ),
    ],
  ];
}

function loadLine(
  name: string,
  part: number,
  whole: number,
  words: (value: number) => string,
  inside: number,
  { symbols }: Look,
): Line {
  const share = whole === 0 ? "" : `${words(part)}/${words(whole)}`;
  const width = Math.max(0, inside - 4 - 11);
  return [
    span(`${name} `, "quiet"),
    ...bar(part, whole, width, symbols, loadTone(part, whole)),
    span(cell(share, 11, "right")),
  ];
}

/** A square for each task, those that do not run hollow; a number where they are too many. */
function taskLine(of: CardOf, inside: number, look: Look): Line {
  const { node, running } = of;
  const { tasks } = node.load;
  const count = taskCount(of, look);
  const room = inside - count.reduce((sum, { text }) => sum + text.length, 0) - 1;
  if (tasks > room) return ends([], count, inside);
  const { task, empty } = look.symbols;
  const squares = [
    span(task.repeat(running), "good"),
    span(empty.repeat(Math.max(0, tasks - running)), "warn"),
  ];
  return ends(squares, count, inside);
}

function taskCount({ node, cuts }: CardOf, { symbols }: Look): Line {
  const { tasks } = node.load;
  const count = span(`${tasks} ${tasks === 1 ? "task" : "tasks"}`, tasks === 0 ? "quiet" : "plain");
  return cuts === 0 ? [count] : [span(`${symbols.cut}${cuts} `, "bad"), count];
}
