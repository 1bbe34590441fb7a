import type { ServiceFrame } from "../../core/observe/frame.ts";
import type { AvailabilityFrame, SourceMoment } from "../../core/observe/source.ts";
import { cell, type Line, type Span, span, type Tone } from "../line.ts";
import type { Look } from "../look.ts";
import { bar } from "../parts/bar.ts";
import { fact, heading, longFact } from "../parts/facts.ts";
import { namesOf } from "../parts/node-words.ts";
import { doneOf, isJob } from "../parts/service-words.ts";
import { type Column, table } from "../parts/table.ts";
import { taskState } from "../parts/task-words.ts";
import { view } from "../view.ts";
import { percent, secondsText } from "../words.ts";

interface Row {
  readonly service: ServiceFrame;
  readonly availability: AvailabilityFrame | null;
}

/** Services: how many tasks run of those wanted, how an update gets on, how well it has done. */
export const servicesView = view<Row>({
  name: "services",
  title: "Services",
  items: ({ frame, availability }) =>
    frame.services.map((service) => ({
      service,
      availability: availability[service.name] ?? null,
    })),
  id: ({ service }) => service.id,
  words: ({ service: { name, image, mode, update } }) =>
    `${name} ${image} ${mode} ${update?.state ?? ""}`,
  subject: ({ service }) => ({ service: service.id }),
  draw: (scene) => table(columns, scene),
  details: serviceDetails,
  nothing: () => "There are no services yet.",
});

const columns: readonly Column<Row>[] = [
  { title: "SERVICE", width: 0, text: ({ service }) => span(service.name, "strong") },
  { title: "MODE", width: 14, from: 60, text: ({ service }) => span(service.mode, "quiet") },
  { title: "IMAGE", width: 20, from: 132, text: ({ service }) => span(service.image) },
  { title: "RUNS", width: 9, align: "right", text: ({ service }) => countOf(service) },
  {
    title: "",
    width: 12,
    from: 50,
    text: ({ service }, look, width) => runningBar(service, width, look),
  },
  { title: "UPDATE", width: 15, from: 70, text: ({ service }) => updateOf(service) },
  {
    title: "",
    width: 12,
    from: 100,
    text: ({ service }, look, width) => updateBar(service, width, look),
  },
  { title: "LOWEST", width: 6, align: "right", from: 42, text: lowest },
  {
    title: "BELOW",
    width: 10,
    align: "right",
    from: 90,
    text: ({ availability }) => below(availability),
  },
  {
    title: "AVAILABLE",
    width: 9,
    align: "right",
    from: 115,
    text: ({ availability }) => available(availability),
  },
];

function countOf(service: ServiceFrame): Span {
  const done = doneOf(service);
  return span(`${done}/${service.wanted}`, toneOf(done, service.wanted));
}

function toneOf(done: number, wanted: number): Tone {
  if (done >= wanted) return "good";
  return done === 0 ? "bad" : "warn";
}

function runningBar(service: ServiceFrame, width: number, { symbols }: Look): Line {
  const done = doneOf(service);
  return bar(done, service.wanted, width, symbols, toneOf(done, service.wanted));
}

function updateOf({ update }: ServiceFrame): Span {
  if (update === null) return span("none", "quiet");
  return span(update.state, updateTone(update.state));
}

function updateTone(state: string): Tone {
  if (state.includes("paused")) return "warn";
  if (state.startsWith("rollback")) return "bad";
  return state.includes("completed") ? "good" : "busy";
}

function updateBar(service: ServiceFrame, width: number, { symbols }: Look): Line {
  const { update, upToDate, wanted } = service;
  if (update === null) return [];
  return bar(upToDate, wanted, width, symbols, updateTone(update.state));
}

function lowest({ service, availability }: Row): Span {
  if (availability === null) return span("", "quiet");
  return span(String(availability.lowest), toneOf(availability.lowest, service.wanted));
}

function below(availability: AvailabilityFrame | null): Span {
  if (availability === null) return span("");
  return span(secondsText(availability.below, 1), availability.below === 0 ? "quiet" : "warn");
}

function available(availability: AvailabilityFrame | null): Span {
  if (availability === null || availability.watched === 0) return span("");
  const share = 1 - availability.below / availability.watched;
  return span(percent(share), share === 1 ? "good" : "warn");
}

function serviceDetails(row: Row, moment: SourceMoment, look: Look, width: number): Line[] {
  const { service, availability } = row;
  return [
    [span(service.name, "strong")],
    ...longFact("id", service.id, width),
    fact("mode", service.mode),
    ...longFact("image", service.image, width),
    fact(isJob(service) ? "completed" : "running", countOf(service)),
    [...fact("", ""), ...runningBar(service, Math.max(4, width - 13), look)],
    ...updateLines(service, look, width),
    ...availabilityLines(availability),
    ...taskLines(service, moment, look, width),
  ];
}

function updateLines(service: ServiceFrame, look: Look, width: number): Line[] {
  const { update, upToDate, wanted } = service;
  if (update === null) return [];
  return [
    ...heading("Update"),
    fact("state", updateOf(service)),
    ...longFact("message", update.message, width),
    fact("new version", `${upToDate} of ${wanted} run it`),
    [...fact("", ""), ...updateBar(service, Math.max(4, width - 13), look)],
  ];
}

function availabilityLines(availability: AvailabilityFrame | null): Line[] {
  if (availability === null) return [];
  const { lowest: fewest, below: short, watched } = availability;
  return [
    ...heading("Since all of it first ran"),
    fact("fewest", String(fewest)),
    fact("too few for", secondsText(short, 1)),
    fact("watched", secondsText(watched, 1)),
    fact("available", available(availability)),
  ];
}

function taskLines(
  { name }: ServiceFrame,
  { frame }: SourceMoment,
  look: Look,
  width: number,
): Line[] {
  const tasks = frame.tasks.filter(({ service, desired }) => service === name && isToRun(desired));
  const nameOf = namesOf(frame.nodes);
  const lines = tasks.map((task) => [
    span(cell(task.name, Math.max(6, width - 24))),
    span(cell(task.node === null ? "nowhere" : nameOf(task.node), 10), "quiet"),
    taskState(task.state, look.symbols),
  ]);
  return lines.length === 0 ? [] : [...heading(`Tasks to run (${tasks.length})`), ...lines];
}

function isToRun(desired: string): boolean {
  return desired === "READY" || desired === "RUNNING" || desired === "COMPLETE";
}
