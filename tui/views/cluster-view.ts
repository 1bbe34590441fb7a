import type { ClusterFrame, NodeFrame } from "../../core/observe/frame.ts";
import { ends, type Line, span } from "../line.ts";
import type { Look } from "../look.ts";
import { type CardOf, card, shortCard, tallCard } from "../parts/card.ts";
import { linksOf } from "../parts/links.ts";
import { namesOf, nodeName, roleWord } from "../parts/node-words.ts";
import { windowAround } from "../parts/window.ts";
import { type Scene, view } from "../view.ts";
import { nodeDetails } from "./node-details.ts";

const narrowestCard = 25;
const gap = 1;
const linkLinesMax = 3;

function columnsIn(width: number): number {
  return Math.max(1, Math.floor((width + gap) / (narrowestCard + gap)));
}

/** Machines as cards, and below them what of the network is cut. */
export const clusterView = view<NodeFrame>({
  name: "cluster",
  title: "Cluster",
  items: ({ frame }) => frame.nodes,
  id: ({ id }) => id,
  words: (node) =>
    `${nodeName(node)} ${node.id} ${roleWord(node)} ${node.machine} ` +
    `${node.record?.state} ${node.record?.availability}`,
  subject: ({ id }) => ({ node: id }),
  columns: columnsIn,
  draw: drawCluster,
  details: nodeDetails,
  nothing: () => "There are no machines yet.",
});

function drawCluster(scene: Scene<NodeFrame>): Line[] {
  const { width, height, items, at, look, moment } = scene;
  const network = networkLines(moment.frame, look);
  const room = height - network.length;
  const columns = columnsIn(width);
  const rows = Math.ceil(items.length / columns);
  const cardHeight = rows * tallCard <= room ? tallCard : shortCard;
  const cardWidth = Math.min(38, Math.floor((width + gap) / columns) - gap);
  const { first, count } = windowAround(
    Math.floor(at / columns),
    rows,
    Math.floor(room / cardHeight),
  );
  const cards = cardsOf(scene);
  const lines: Line[] = [];
  for (let row = first; row < first + count; row += 1) {
    const beside = cards.slice(row * columns, (row + 1) * columns);
    lines.push(...joined(beside.map((of) => card(of, cardWidth, cardHeight, look))));
  }
  const blank = Array.from({ length: Math.max(0, room - lines.length) }, () => []);
  const shown = Math.min(items.length, (first + count) * columns);
  const range = count < rows ? `${first * columns + 1} to ${shown} of ${items.length}` : "";
  const [head = [], ...more] = network;
  return [...lines, ...blank, ends(head, [span(range, "quiet")], width), ...more];
}

function cardsOf({ items, at, moment: { frame } }: Scene<NodeFrame>): CardOf[] {
  const cuts = new Map<string, number>();
  for (const { from, to } of frame.cuts) {
    cuts.set(from, (cuts.get(from) ?? 0) + 1);
    cuts.set(to, (cuts.get(to) ?? 0) + 1);
  }
  const running = new Map<string, number>();
  for (const { node, state } of frame.tasks) {
    if (node !== null && state === "RUNNING") running.set(node, (running.get(node) ?? 0) + 1);
  }
  return items.map((node, n) => ({
    node,
    cuts: cuts.get(node.id) ?? 0,
    running: running.get(node.id) ?? 0,
    isChosen: n === at,
  }));
}

function joined(blocks: readonly (readonly Line[])[]): Line[] {
  const height = blocks[0]?.length ?? 0;
  return Array.from({ length: height }, (_, n) =>
    blocks.flatMap((block) => [...(block[n] ?? []), span(" ".repeat(gap))]),
  );
}

/** Who can't reach whom. */
function networkLines(frame: ClusterFrame, { symbols }: Look): Line[] {
  const { groups, single } = linksOf(frame);
  const name = namesOf(frame.nodes);
  if (frame.cuts.length === 0) return [[span("network ", "quiet"), span("whole", "good")]];
  const sides = groups.flatMap(
    (group, n): Line => [
      span(n === 0 ? "" : `  ${symbols.cut}  `, "bad"),
      span(group.map(name).join(" ")),
    ],
  );
  const split: Line[] = groups.length < 2 ? [] : [[span("network ", "quiet"), ...sides]];
  const cuts = single.map(({ from, to, oneWay }): Line => {
    const sign = oneWay ? symbols.oneWay : symbols.cut;
    const words = oneWay ? "  is not heard there" : "  is cut";
    return [
      span("link    ", "quiet"),
      span(`${name(from)} ${sign} ${name(to)}`, "bad"),
      span(words),
    ];
  });
  return shortList([...split, ...cuts]);
}

function shortList(lines: readonly Line[]): Line[] {
  if (lines.length <= linkLinesMax) return [...lines];
  const kept = lines.slice(0, linkLinesMax - 1);
  return [...kept, [span(`        and ${lines.length - kept.length} more links`, "quiet")]];
}
