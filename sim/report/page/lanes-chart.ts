import * as Plot from "@observablehq/plot";
import type { Outage, Partition, RoleSpan, RunRecord } from "../../record/run-record.ts";
import type { ReportData } from "../report-data.ts";
import { clipped, overlaps, overTime, shortName, widthOf } from "./chart-frame.ts";
import type { ViewWindow } from "./view-window.ts";
import { channelGroup, type VisibleMessages } from "./visible-messages.ts";

const laneHeight = 30;
const nodeLettersMost = 12;
/** Half of a bar's height, in lanes. */
const half = 0.3;

export interface LanesInput {
  readonly data: ReportData;
  readonly view: ViewWindow;
  readonly width: number;
  /** The nodes that have a lane, in their order. */
  readonly nodes: readonly number[];
  readonly messages: VisibleMessages;
  /** The row of the message that was chosen. */
  readonly chosen: number | null;
}

/** A lane for each node: roles and terms, outages, partitions, and messages from lane to lane. */
export function lanesChart(input: LanesInput): SVGSVGElement {
  const { data, view, width, nodes } = input;
  const { record } = data;
  const lanes = new Map(nodes.map((node, lane) => [node, lane]));
  const names = nodes.map((node) => record.nodes[node]?.name ?? "");
  const bars = roleBars(input, lanes);
  const marks: Plot.Markish[] = [
    ...partitionMarks(record.partitions, input, lanes),
    Plot.ruleY(
      names.map((_, lane) => lane),
      { stroke: "var(--line)", strokeWidth: 2 },
    ),
    ...roleMarks(bars),
    ...messageMarks(record, input, lanes),
    ...roleTexts(bars),
    ...outageMarks(record.outages, input, lanes),
    ...violationMarks(data, input),
  ];
  const chart = Plot.plot({
    ...overTime(view, width),
    height: nodes.length * laneHeight + 64,
    marginTop: 40,
    marginBottom: 24,
    y: {
      domain: [-0.6, nodes.length - 0.4],
      reverse: true,
      ticks: names.map((_, lane) => lane),
      tickFormat: (lane: number) => shortName(names[lane] ?? "", nodeLettersMost),
      tickSize: 0,
      label: null,
    },
    marks: [...marks, ...storyMarks(data, view)],
    ariaLabel: "Nodes over time",
    ariaDescription: "One lane for each node, with its part in Raft, outages and messages",
  });
  return chart as unknown as SVGSVGElement;
}

type Lanes = ReadonlyMap<number, number>;

function partitionMarks(
  partitions: readonly Partition[],
  { view }: LanesInput,
  lanes: Lanes,
): Plot.Markish[] {
  const bars = partitions
    .filter((each) => overlaps(view, each))
    .flatMap((each) =>
      each.groups.slice(1).flatMap((group) =>
        group.flatMap((node) => {
          const lane = lanes.get(node);
          const title = `${each.oneWay ? "one-way partition" : "partition"}`;
          return lane === undefined ? [] : [{ lane, title, ...clipped(view, each) }];
        }),
      ),
    );
  return [
    Plot.rect(bars, {
      ...{ x1: "x1", x2: "x2", y1: (bar) => bar.lane - 0.5, y2: (bar) => bar.lane + 0.5 },
      ...{ fill: "url(#hatch-partition)", stroke: "var(--partition)", strokeOpacity: 0.5 },
      title: "title",
    }),
  ];
}

interface RoleBar extends RoleSpan {
  readonly lane: number;
  readonly x1: number;
  readonly x2: number;
  readonly text: string;
}

function roleBars({ data, view, width }: LanesInput, lanes: Lanes): RoleBar[] {
  return data.record.roles.flatMap((role) => {
    const lane = lanes.get(role.node);
    if (lane === undefined || !overlaps(view, role)) return [];
    const text = roleText(role, widthOf(view, role, width));
    return [{ ...role, lane, ...clipped(view, role), text }];
  });
}

function roleMarks(bars: readonly RoleBar[]): Plot.Markish[] {
  const band = { y1: (bar: { lane: number }) => bar.lane - half, y2: laneBottom };
  return [
    Plot.rect(bars, {
      ...{ x1: "x1", x2: "x2", ...band, rx: 3, inset: 0.5 },
      fill: (bar) => `var(--${bar.role})`,
      stroke: (bar) => `var(--${bar.role}-edge)`,
      title: ({ role, term, leader }) => `${role}, term ${term}${follows(role, leader)}`,
    }),
  ];
}

/** Above the messages, each with a halo in the colour of its bar. */
function roleTexts(bars: readonly RoleBar[]): Plot.Markish[] {
  return [
    Plot.text(
      bars.filter(({ text }) => text !== ""),
      {
        ...{ x: "x1", y: "lane", text: "text", textAnchor: "start", dx: 6, strokeWidth: 5 },
        ...{ fill: (bar) => `var(--${bar.role}-text)`, stroke: (bar) => `var(--${bar.role})` },
        pointerEvents: "none",
      },
    ),
  ];
}

function laneBottom(bar: { readonly lane: number }): number {
  return bar.lane + half;
}

function follows(role: string, leader: string | null): string {
  if (role === "leader") return "";
  return leader === null ? ", knows no leader" : `, follows ${leader}`;
}

function roleText({ role, term }: RoleSpan, room: number): string {
  const long = `${role} · term ${term}`;
  if (room > long.length * 7 + 12) return long;
  const short = `${role === "leader" ? "L" : role === "follower" ? "F" : "C"}${term}`;
  return room > short.length * 8 + 8 ? short : "";
}

function outageMarks(
  outages: readonly Outage[],
  { view, width }: LanesInput,
  lanes: Lanes,
): Plot.Markish[] {
  const bars = outages.flatMap((outage) => {
    const lane = lanes.get(outage.node);
    if (lane === undefined || !overlaps(view, outage)) return [];
    const isWide = widthOf(view, outage, width) > 60;
    return [{ ...outage, lane, ...clipped(view, outage), text: isWide ? outage.state : "" }];
  });
  return [
    Plot.rect(bars, {
      ...{ x1: "x1", x2: "x2", y1: (bar) => bar.lane - half, y2: laneBottom },
      fill: (bar) => (bar.state === "paused" ? "url(#hatch-paused)" : "url(#hatch-down)"),
      ...{ stroke: "var(--down)", title: "state" },
    }),
    Plot.text(bars, {
      ...{ x: "x1", y: "lane", text: "text", textAnchor: "start", dx: 6 },
      ...{ fill: "var(--text)", stroke: "var(--page)", strokeWidth: 4 },
    }),
  ];
}

function messageMarks(
  record: RunRecord,
  { messages: { rows }, chosen }: LanesInput,
  lanes: Lanes,
): Plot.Markish[] {
  const { sentAt, arrivedAt, from, to, label, labels } = record.messages;
  const arrows = rows.flatMap((row) => {
    const [start, end] = [lanes.get(from[row] as number), lanes.get(to[row] as number)];
    if (start === undefined || end === undefined || start === end) return [];
    const arrived = arrivedAt[row] as number;
    const isLost = arrived < 0;
    const { text, channel } = labels[label[row] as number] as { text: string; channel: string };
    const names = [from[row], to[row]].map((node) => record.nodes[node as number]?.name);
    return [
      {
        ...{ row, isLost, channel, y1: start, y2: isLost ? start + (end - start) * 0.6 : end },
        ...{ x1: (sentAt[row] as number) / 1e6 },
        x2: (isLost ? (sentAt[row] as number) : arrived) / 1e6,
        title: `${text}: ${names.join(" to ")}${isLost ? ", lost" : ""}`,
      },
    ];
  });
  const common = { x1: "x1", x2: "x2", y1: "y1", y2: "y2", title: "title", clip: true } as const;
  const arrived = arrows.filter(({ isLost }) => !isLost);
  const lost = arrows.filter(({ isLost }) => isLost);
  const isChosen = (arrow: { row: number }) => arrow.row === chosen;
  return [
    Plot.arrow(arrived, {
      ...common,
      stroke: (arrow) => `var(--message-${channelGroup(arrow.channel)})`,
      ...{ headLength: 5, strokeWidth: 1.1, strokeOpacity: 0.7 },
    }),
    Plot.link(lost, { ...common, stroke: "var(--lost)", strokeDasharray: "3 2" }),
    Plot.dot(lost, {
      ...{ x: "x2", y: "y2", symbol: "times", stroke: "var(--lost)", title: "title", clip: true },
      ...{ r: 3.5, strokeWidth: 1.7 },
    }),
    Plot.link(arrows.filter(isChosen), { ...common, stroke: "var(--moment)", strokeWidth: 3.5 }),
  ];
}

const glyphs: Readonly<Record<string, string>> = { fault: "▼", heal: "▲", election: "★" };

/** Faults, heals and elections along the top: each kind has a sign and a height of its own. */
function storyMarks({ record }: ReportData, { from, to }: ViewWindow): Plot.Markish[] {
  const lines = record.story.filter(
    ({ at, kind }) => kind in glyphs && at * 1e6 >= from && at * 1e6 <= to,
  );
  return [
    Plot.text(lines, {
      ...{ x: "at", frameAnchor: "top", dy: -20, lineAnchor: "middle", fontSize: 13 },
      text: ({ kind }) => glyphs[kind] ?? "",
      fill: ({ kind }) => `var(--${kind})`,
      title: ({ at, kind, text }) => `${at.toFixed(3)} s  ${kind}: ${text}`,
    }),
  ];
}

function violationMarks({ result }: ReportData, { view }: LanesInput): Plot.Markish[] {
  const inside = result.violations.filter(({ at }) => at * 1e6 >= view.from && at * 1e6 <= view.to);
  return [
    Plot.ruleX(inside, { x: "at", stroke: "var(--violation)", strokeWidth: 2.5 }),
    Plot.text(inside, {
      ...{ x: "at", frameAnchor: "top", dy: -6, textAnchor: "end", dx: -4, fontWeight: 700 },
      ...{ text: ({ invariant }) => `✖ ${invariant}`, fill: "var(--violation)" },
    }),
  ];
}
