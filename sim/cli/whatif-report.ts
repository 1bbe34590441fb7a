import type { Colors } from "picocolors/types.js";
import { sortedText } from "../../core/base/order.ts";
import type { ExportedCluster, ExportedNode } from "../../core/observe/exported-cluster.ts";
import { counted, grouped } from "../../core/observe/numbers.ts";
import { spanText } from "../scenario/units.ts";
import { type LossAnswer, misses, type ServiceAnswer } from "../whatif/answer.ts";
import { isUp } from "../whatif/machine-names.ts";
import { isKept } from "../whatif/plan-of-cluster.ts";
import { violationText } from "./report.ts";
import type { WhatifRequest } from "./whatif-request.ts";
import { columns, medianOf, oneLine, paragraphs, secondsText } from "./words.ts";

/** What one loss does, service by service. */
export function lossText(
  cluster: ExportedCluster,
  request: WhatifRequest,
  answer: LossAnswer,
  colours: Colors,
): string {
  const hit = answer.services.filter(misses);
  const others = answer.services.length - hit.length;
  const noun = hit.length > 0 ? "other service" : "service";
  const whole =
    others === 0 ? [] : [`${counted(others, noun)} ${others === 1 ? "misses" : "miss"} nothing`];
  const blocks = [
    [colours.bold(`${lossName(answer)}: ${howOften(request)}`)],
    hit.length === 0 ? [] : columns([headings, ...hit.map(row)], 1),
    whole,
    waitLines(hit),
    moveLines(answer),
    [managersLine(answer)],
    [...notes(cluster), ...astrayLines([answer])],
    brokenLines(answer, colours),
  ];
  return `${paragraphs(blocks)}\n`;
}

/** What the loss of each node does, a line for each. */
export function eachText(
  cluster: ExportedCluster,
  request: WhatifRequest,
  answers: readonly LossAnswer[],
  colours: Colors,
): string {
  const rows = answers.map((answer) => [
    answer.lost.join(", "),
    partOf(cluster, answer),
    [...answer.services.filter(misses).map(missText), ...quorumText(answer)].join("; ") ||
      "nothing",
  ]);
  const blocks = [
    [colours.bold(`each node lost by itself: ${howOften(request)}`)],
    columns([["lost", "part", "what is missed"], ...rows], 3),
    [...notes(cluster), ...astrayLines(answers)],
    answers.flatMap((answer) => brokenLines(answer, colours)),
  ];
  return `${paragraphs(blocks)}\n`;
}

const headings = ["service", "ran", "lowest", "too few for", "run at the end"];

function row(service: ServiceAnswer): string[] {
  const { name, ran, wanted, lowest, running } = service;
  const end = running < wanted ? `${running} of ${wanted}` : "all";
  return [name, grouped(ran), grouped(lowest), timeText(service), end];
}

/** The median, and how far the runs are apart; of what is not over, that. */
function timeText({ below, running, wanted }: ServiceAnswer): string {
  if (running < wanted) return "as long as watched";
  const [least = 0, most = 0] = [below[0], below.at(-1)];
  const median = medianOf(below) ?? 0;
  const isOne = least.toFixed(1) === most.toFixed(1);
  return isOne
    ? secondsText(median)
    : `${secondsText(median)} (${grouped(least, 1)} to ${grouped(most, 1)})`;
}

function missText(service: ServiceAnswer): string {
  const { name, ran, wanted, lowest, running, waits } = service;
  const isOver = running >= wanted;
  const why = isOver || waits.length === 0 ? "" : `: ${waits.map(oneLine).join(", ")}`;
  const time = isOver ? `for ${timeText(service)}` : "for good";
  return `${name} ${lowest} of ${ran} ${time}${why}`;
}

function lossName({ lost, cut }: LossAnswer): string {
  const parts = [
    ...(lost.length > 0 ? [`${lost.join(", ")} lost`] : []),
    ...(cut.length > 0 ? [`${cut.join(", ")} cut off`] : []),
  ];
  return parts.join(", ");
}

function howOften({ seeds, losses }: WhatifRequest): string {
  const [first] = losses;
  const back = first?.backAfter ?? null;
  const returns = back === null ? "" : `, back after ${spanText(back)}`;
  return `${counted(seeds, "run")} of ${spanText(first?.watched ?? 0)}${returns}`;
}

/** Services that wait for the same stand together. */
function waitLines(services: readonly ServiceAnswer[]): string[] {
  const waiting = new Map<string, string[]>();
  for (const { name, waits } of services) {
    for (const why of waits.map(oneLine)) waiting.set(why, [...(waiting.get(why) ?? []), name]);
  }
  return [...waiting].map(([why, names]) => {
    return `${names.join(", ")} ${names.length === 1 ? "waits" : "wait"}: ${why}`;
  });
}

const movesShown = 40;

function moveLines({ services }: LossAnswer): string[] {
  const rows = services.flatMap(({ name, moves }) =>
    moves.map(({ from, to, count }) => [
      `  ${name}`,
      `${from} ${to === null ? "stops" : `-> ${to}`}`,
      count === 1 ? "" : grouped(count),
    ]),
  );
  if (rows.length === 0) return [];
  const more = rows.length - movesShown;
  const rest = more > 0 ? [`  and ${grouped(more)} more: --json has all`] : [];
  return ["what moves, in the first run:", ...columns(rows.slice(0, movesShown), 2), ...rest];
}

function managersLine({
  managers: { up, members },
  leader: { before, after },
}: LossAnswer): string {
  const count = `${up} of ${counted(members, "manager")} up`;
  if (after === null) {
    return `${count}, and nobody leads: what runs goes on, nothing is replaced or changed`;
  }
  return after === before
    ? `${count}; ${after} leads on`
    : `${count}; ${after} leads after ${before}`;
}

function partOf({ nodes }: ExportedCluster, { lost: [name], leader }: LossAnswer): string {
  if (name === leader.before) return "leader";
  const isNamed = ({ id, hostname }: ExportedNode) => id === name || hostname === name;
  return (nodes.filter(isUp).find(isNamed) as ExportedNode).role;
}

function quorumText({ leader }: LossAnswer): string[] {
  return leader.after === null ? ["nobody leads any more"] : [];
}

/** What of the cluster the answer says nothing of. */
function notes({ services, nodes }: ExportedCluster): string[] {
  const left = services.filter((service) => !isKept(service)).map(({ name }) => name);
  const down = nodes.filter(({ state }) => state === "down").map(({ hostname }) => hostname);
  const partly = services.flatMap(({ name, mode, runsOn }) =>
    mode.kind === "replicated" && runsOn.length > 0 && runsOn.length < mode.replicas
      ? [`${name} (${runsOn.length} of ${mode.replicas})`]
      : [],
  );
  return [
    ...(down.length > 0 ? [`down before: ${down.join(", ")}`] : []),
    ...(partly.length > 0 ? [`taken as it runs: ${partly.join(", ")}`] : []),
    ...(left.length > 0
      ? [`left out, as jobs or as nothing of them runs: ${left.join(", ")}`]
      : []),
  ];
}

function astrayLines(answers: readonly LossAnswer[]): string[] {
  const names = sortedText(new Set(answers.flatMap(({ astray }) => astray)));
  return names.length === 0
    ? []
    : [`simulated on other nodes than they run on: ${names.join(", ")}`];
}

function brokenLines({ violation }: LossAnswer, colours: Colors): string[] {
  if (violation === null) return [];
  const what = `${violationText(violation)}, seed ${violation.seed}`;
  return [colours.red(`a property of simswarm broke, which is a bug: ${what}`)];
}
