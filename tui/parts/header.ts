import { counted, grouped } from "../../core/observe/numbers.ts";
import type { ClusterSource, SourceMoment } from "../../core/observe/source.ts";
import { ends, type Line, lineWidth, shortened, span } from "../line.ts";
import type { Look } from "../look.ts";
import type { Ui } from "../ui.ts";
import type { Contents } from "../view.ts";
import { leaderOf, namedLeader } from "../views/raft-view.ts";
import { views } from "../views.ts";
import { secondsText } from "../words.ts";
import { nodeName } from "./node-words.ts";
import { doneOf } from "./service-words.ts";

/** What is watched and how it is, then the views by their keys. */
export function headerLines(
  { title }: Pick<ClusterSource, "title">,
  moment: SourceMoment,
  ui: Ui,
  contents: Contents,
  look: Look,
  width: number,
): Line[] {
  const first = lostLine(moment, look) ?? summaryLine(title, moment, look, width);
  return [first, ends(tabs(ui), viewNote(ui, contents, width), width)];
}

/** Nothing else matters while the cluster is not there; the footer says where it was asked. */
function lostLine({ connection, frame }: SourceMoment, { symbols }: Look): Line | null {
  if (connection?.state !== "lost") return null;
  const shown = frame.nodes.length === 0 ? "" : ` as it was at ${secondsText(frame.at, 1)};`;
  return [
    span(` ${symbols.broken} LOST: ${connection.reason};`, "bad"),
    span(`${shown} trying again`),
  ];
}

function summaryLine(title: string, moment: SourceMoment, { symbols }: Look, width: number): Line {
  const { frame, violations } = moment;
  const leads = leaderOf(frame.nodes);
  const leader =
    leads === null
      ? namedLeader(frame.nodes)
      : { name: nodeName(leads), term: leads.raft?.status.term };
  const up = frame.nodes.filter(({ machine, record }) => isWell(machine, record?.state));
  const wanted = frame.services.reduce((sum, service) => sum + service.wanted, 0);
  const done = frame.services.reduce((sum, service) => sum + doneOf(service), 0);
  const parts: Line[] = [
    leader === null
      ? [span(`${symbols.unknown} no leader`, "bad")]
      : [span(`${symbols.leader} ${leader.name}`, "accent"), span(` term ${leader.term}`)],
    [
      span(`${up.length}/${frame.nodes.length}`, up.length < frame.nodes.length ? "warn" : "good"),
      span(" nodes"),
    ],
    [span(`${grouped(done)}/${grouped(wanted)}`, done < wanted ? "warn" : "good"), span(" tasks")],
    violations.length > 0
      ? [span(`${symbols.broken} ${counted(violations.length, "violation")}`, "bad")]
      : [],
  ];
  const summary = parts
    .filter((part) => part.length > 0)
    .flatMap((part) => [...part, span("   ")])
    .slice(0, -1);
  const right = [span("  "), ...summary, span(" ")];
  const room = Math.max(0, width - lineWidth(right) - 1);
  const left: Line = [span(` ${shortened(title, room)}`, "strong")];
  return ends(left, right, Math.max(width, lineWidth(right)));
}

function isWell(machine: string, state: string | undefined): boolean {
  return machine !== "paused" && machine !== "down" && machine !== "refused" && state === "ready";
}

function tabs({ view }: Ui): Line {
  return views.map(({ name, title }, at) => {
    const text = `${at + 1} ${title}`;
    return name === view ? span(`[${text}]`, "chosen") : span(` ${text} `, "quiet");
  });
}

/** The filter, and how many it lets through. */
function viewNote({ filters, view }: Ui, { count, total }: Contents, width: number): Line {
  const filter = filters[view] ?? "";
  if (filter === "") return width < 76 ? [] : [span(`${grouped(total)} `, "quiet")];
  return [span(` /${filter} `, "warn"), span(`${grouped(count)} of ${grouped(total)} `, "quiet")];
}
