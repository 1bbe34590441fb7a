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
  const { cpu, memory } = loadsOf(of.node);
  const width = Math.max(0, inside - 4 - 11);
  return [
    ends([nodeState(of.node, look.symbols)], [availabilityWord(of.node)], inside),
    [span("cpu ", "quiet"), ...loadBar(cpu, width, look), span(shareText(cpu, cpus))],
    [span("mem ", "quiet"), ...loadBar(memory, width, look), span(shareText(memory, bytes))],
    taskLine(of, inside, look),
  ];
}

function shortLines(of: CardOf, inside: number, look: Look): Line[] {
  const { node } = of;
  const { cpu, memory } = loadsOf(node);
  const half = Math.floor((inside - 5) / 2);
  const availability = availabilityWord(node);
  const isUsual = availability.text === "active";
  return [
    ends([nodeState(node, look.symbols)], isUsual ? taskCount(of, look) : [availability], inside),
    [
      span("c ", "quiet"),
      ...loadBar(cpu, half, look),
      span(" m ", "quiet"),
      ...loadBar(memory, half, look),
    ],
  ];
}

/** What is taken of what a node has of one thing. */
interface Load {
  readonly part: number;
  readonly whole: number;
}

function loadsOf({ load }: NodeFrame): { readonly cpu: Load; readonly memory: Load } {
  const cpu = { part: load.nanoCpus, whole: load.nanoCpusTotal };
  return { cpu, memory: { part: load.memoryBytes, whole: load.memoryBytesTotal } };
}

function loadBar({ part, whole }: Load, width: number, { symbols }: Look): Line {
  return bar(part, whole, width, symbols, loadTone(part, whole));
}

function shareText({ part, whole }: Load, words: (value: number) => string): string {
  return cell(whole === 0 ? "" : `${words(part)}/${words(whole)}`, 11, "right");
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
