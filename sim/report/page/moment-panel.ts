import { grouped } from "../../../core/observe/numbers.ts";
import type { Partition } from "../../record/run-record.ts";
import type { ReportData } from "../report-data.ts";
import { shortName } from "./chart-frame.ts";
import { element, timeText } from "./elements.ts";
import type { NodeAt, States } from "./state-at.ts";

/** What the panel shows besides the moment itself. */
export interface MomentInput {
  readonly data: ReportData;
  readonly states: States;
  readonly moment: number;
  /** The row of the message that was chosen. */
  readonly chosen: number | null;
  readonly choose: (row: number) => void;
}

const messagesMost = 12;
const servicesMost = 30;
/** Longer lists of what a node runs are told by their number. */
const ranLettersMost = 26;

/** The state of everything at one moment. */
export function momentPanel(input: MomentInput): Node[] {
  const { states, moment } = input;
  return [
    element("h2", {}, `At ${(moment / 1e6).toFixed(6)} s`),
    ...partitions(input),
    ...(isOfCluster(input)
      ? [nodeTable(states.at(moment)), serviceTable(states.servicesAt(moment))]
      : [machineTable(states.at(moment))]),
    ...messages(input),
  ];
}

/** Machines of a user's own have no part in Raft, and run nothing. */
function isOfCluster({ data }: MomentInput): boolean {
  return data.record.roles.length > 0;
}

function machineTable(nodes: readonly NodeAt[]): HTMLElement {
  const rows = nodes.map(({ name, state }) =>
    element(
      "tr",
      { class: state === "up" ? "" : "out" },
      element("th", { scope: "row" }, name),
      element("td", {}, state),
    ),
  );
  return table("Nodes", ["node", "state"], rows);
}

function nodeTable(nodes: readonly NodeAt[]): HTMLElement {
  const head = ["node", "role", "term", "follows", "log", "commit", "applied", "runs"];
  const rows = nodes.map((node) => {
    const { raft, log } = node;
    const cells = [
      node.state === "up" ? (raft?.role ?? "worker") : node.state,
      raft === null ? "" : String(raft.term),
      raft === null || raft.role === "leader" ? "" : (raft.leader ?? "nobody"),
      ...(log === null
        ? ["", "", ""]
        : [log.last, log.commit, log.applied].map((index) => grouped(index))),
    ];
    return element(
      "tr",
      { class: node.state === "up" ? (raft?.role ?? "worker") : "out" },
      element("th", { scope: "row" }, node.name),
      ...cells.map((cell) => element("td", {}, cell)),
      element("td", { class: "runs", title: node.running.join(", ") }, ranText(node.running)),
    );
  });
  return table("Nodes", head, rows);
}

/** The names where there is room for them, else how many there are. */
function ranText(running: readonly string[]): string {
  const names = running.join(" ");
  if (names.length <= ranLettersMost) return names;
  const [only = ""] = running;
  return running.length === 1 ? shortName(only, ranLettersMost) : `${running.length} tasks`;
}

function serviceTable(
  services: readonly { name: string; running: number; wanted: number }[],
): HTMLElement {
  const served = services.filter(({ running, wanted }) => running > 0 || wanted > 0);
  if (served.length === 0) return element("p", { class: "note" }, "No service is to run.");
  const short = served.filter(({ running, wanted }) => running < wanted);
  const rest = served.filter((service) => !short.includes(service));
  const shown = [...short, ...rest].slice(0, servicesMost);
  const rows = shown.map(({ name, running, wanted }) =>
    element(
      "tr",
      { class: running < wanted ? "short" : "" },
      element("th", { scope: "row" }, name),
      element("td", {}, String(running)),
      element("td", {}, String(wanted)),
      element("td", {}, running < wanted ? `${wanted - running} short` : ""),
    ),
  );
  const more = served.length - shown.length;
  const caption = more > 0 ? `Services, and ${more} more` : "Services";
  return table(caption, ["service", "run", "wanted", ""], rows);
}

function table(caption: string, head: readonly string[], rows: readonly Node[]): HTMLElement {
  const heads = head.map((name) => element("th", { scope: "col" }, name));
  return element(
    "div",
    { class: "scroll" },
    element(
      "table",
      {},
      element("caption", {}, caption),
      element("thead", {}, element("tr", {}, ...heads)),
      element("tbody", {}, ...rows),
    ),
  );
}

function partitions({ data, states, moment }: MomentInput): Node[] {
  const name = (node: number) => data.record.nodes[node]?.name ?? "";
  const names = (group: readonly number[]) => group.map(name).join(" ");
  return states.partitionsAt(moment).map(({ groups, links, oneWay, from, to }) => {
    const kind = oneWay ? "One-way partition" : "Partition";
    const span = `${timeText(from)} to ${timeText(to)}`;
    const who = links.length > 0 ? linksText(links, name) : groups.map(names).join(" | ");
    return element("p", { class: "cut" }, `${kind}, ${span}: ${who}`);
  });
}

/** `m1 → m2 w1, m3 ↔ w2`: who can't reach whom, and who not each other. */
function linksText(links: Partition["links"], name: (node: number) => string): string {
  const cut = new Set(links.map(([from, to]) => `${from} ${to}`));
  const byFrom = new Map<string, string[]>();
  for (const [from, to] of links) {
    const isBoth = cut.has(`${to} ${from}`);
    if (isBoth && from > to) continue;
    const left = `${name(from)} ${isBoth ? "↔" : "→"}`;
    byFrom.set(left, [...(byFrom.get(left) ?? []), name(to)]);
  }
  return [...byFrom].map(([left, right]) => `${left} ${right.join(" ")}`).join(", ");
}

function messages({ data, states, moment, chosen, choose }: MomentInput): Node[] {
  const under = states.messagesAt(moment);
  const rows = chosen === null || under.includes(chosen) ? under : [chosen, ...under];
  if (rows.length === 0) return [];
  const items = rows.slice(0, messagesMost).map((row) => {
    const button = element("button", { type: "button" }, messageText(data, row));
    button.addEventListener("click", () => choose(row));
    const state = row === chosen ? { class: "chosen", "aria-current": "true" } : {};
    return element("li", state, button);
  });
  const more = rows.length - items.length;
  return [
    element("h3", {}, "Messages under way"),
    element("ul", { class: "messages" }, ...items),
    ...(more > 0 ? [element("p", {}, `and ${grouped(more)} more`)] : []),
  ];
}

function messageText({ record }: ReportData, row: number): string {
  const { sentAt, arrivedAt, from, to, label, labels } = record.messages;
  const [sent, arrived] = [sentAt[row] as number, arrivedAt[row] as number];
  const ends = [from[row], to[row]].map((node) => record.nodes[node as number]?.name).join(" → ");
  const fate = arrived < 0 ? "lost" : `took ${((arrived - sent) / 1e3).toFixed(3)} ms`;
  return `${ends}: ${labels[label[row] as number]?.text}, sent ${timeText(sent, 1)}, ${fate}`;
}
