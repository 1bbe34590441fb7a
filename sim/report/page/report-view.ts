import { grouped } from "../../../core/observe/numbers.ts";
import type { ReportData } from "../report-data.ts";
import { marginLeft, marginRight, momentAt, placeAt } from "./chart-frame.ts";
import { byId, element, timeText } from "./elements.ts";
import { lanesChart } from "./lanes-chart.ts";
import { momentPanel } from "./moment-panel.ts";
import { overviewChart } from "./overview-chart.ts";
import { servedOf, serviceCharts, servicesMost } from "./service-charts.ts";
import { States } from "./state-at.ts";
import { StoryList } from "./story-list.ts";
import { slotCount, slotsOf, tasksChart } from "./tasks-chart.ts";
import type { KeyActions } from "./view-keys.ts";
import {
  fragmentOf,
  hashOf,
  neighbour,
  showing,
  type ViewWindow,
  wholeOf,
  within,
  zoomed,
} from "./view-window.ts";
import { channelGroup, visibleMessages } from "./visible-messages.ts";

const widthLeast = 560;

/** The page at work: one window on the run for all charts, and one moment that is looked at. */
export class ReportView implements KeyActions {
  readonly #data: ReportData;
  readonly #states: States;
  readonly #story: StoryList;
  readonly #whole: ViewWindow;
  #view: ViewWindow;
  #moment: number;
  #chosen: number | null = null;
  #width = widthLeast;
  #drawing = 0;

  constructor(data: ReportData) {
    const whole = wholeOf(data.record.end);
    const end = whole.to;
    const fragment = fragmentOf(location.hash);
    this.#data = data;
    this.#states = new States(data.record);
    this.#whole = whole;
    this.#moment = Math.min(end, fragment.moment ?? this.#violationAt ?? firstFault(data) ?? end);
    const view = within(fragment.view ?? this.#whole, end);
    this.#view = fragment.moment === null ? view : showing(view, this.#moment, end);
    this.#story = new StoryList(data, (moment) => this.go(moment));
    byId("story").append(this.#story.node);
    byId("services").hidden = servedOf(data.record).length === 0;
    byId("tasks").hidden = data.record.tasks.length === 0;
  }

  get #violationAt(): number | null {
    const first = this.#data.result.violations[0];
    return first === undefined ? null : Math.round(first.at * 1e6);
  }

  /** Draws everything, at once. */
  draw(): void {
    cancelAnimationFrame(this.#drawing);
    const main = byId("charts");
    this.#width = Math.max(widthLeast, main.clientWidth);
    byId("overview-chart").replaceChildren(overviewChart(this.#data, this.#width));
    this.#drawWindow();
    this.#showMoment();
  }

  /** Looks at a moment, and moves the window there where it has to. */
  go(moment: number): void {
    this.#moment = Math.round(Math.min(this.#whole.to, Math.max(0, moment)));
    this.#chosen = null;
    this.#look(showing(this.#view, this.#moment, this.#whole.to));
  }

  step(share: number): void {
    this.go(this.#moment + share * (this.#view.to - this.#view.from));
  }

  zoom(factor: number, around = this.#moment): void {
    const inside = around >= this.#view.from && around <= this.#view.to;
    const middle = (this.#view.from + this.#view.to) / 2;
    this.#look(zoomed(this.#view, factor, inside ? around : middle, this.#whole.to));
  }

  pan(from: number): void {
    const width = this.#view.to - this.#view.from;
    this.#look(within({ from, to: from + width }, this.#whole.to));
  }

  whole(): void {
    this.#look(this.#whole);
  }

  jump(direction: 1 | -1): void {
    const next = neighbour(this.#story.landmarks, this.#moment, direction);
    if (next !== null) this.go(next);
  }

  violation(): void {
    if (this.#violationAt !== null) this.go(this.#violationAt);
  }

  edge(which: "start" | "end"): void {
    this.go(which === "start" ? 0 : this.#whole.to);
  }

  /** The address was changed by hand, or by going back. */
  followAddress(): void {
    const { moment, view } = fragmentOf(location.hash);
    if (view !== null) this.#look(within(view, this.#whole.to));
    if (moment !== null) this.go(moment);
  }

  /** A click on the charts. */
  clicked(x: number): void {
    this.go(momentAt(x, this.#view, this.#width));
  }

  /** A click on the overview. */
  overviewClicked(x: number): void {
    this.go(momentAt(x, this.#whole, this.#width));
  }

  /** A press or a drag on the overview. */
  overviewAt(x: number): void {
    const middle = momentAt(x, this.#whole, this.#width);
    this.pan(middle - (this.#view.to - this.#view.from) / 2);
  }

  zoomAt(x: number, factor: number): void {
    this.zoom(factor, momentAt(x, this.#view, this.#width));
  }

  panBy(pixels: number): void {
    const scale = (this.#view.to - this.#view.from) / (this.#width - marginLeft - marginRight);
    this.pan(this.#view.from + pixels * scale);
  }

  #look(view: ViewWindow): void {
    const isSame = view.from === this.#view.from && view.to === this.#view.to;
    this.#view = view;
    this.#showMoment();
    if (isSame) return;
    cancelAnimationFrame(this.#drawing);
    this.#drawing = requestAnimationFrame(() => this.#drawWindow());
  }

  #choose(row: number): void {
    const sent = this.#data.record.messages.sentAt[row] as number;
    this.go(sent);
    this.#chosen = row;
    this.#drawWindow();
    this.#showMoment();
  }

  #drawWindow(): void {
    const { record } = this.#data;
    const wanted = new Set(
      [...document.querySelectorAll<HTMLInputElement>("#channels input:checked")].map(
        ({ value }) => value,
      ),
    );
    const messages = visibleMessages(record.messages, this.#view, (channel) =>
      wanted.has(channelGroup(channel)),
    );
    const nodes = this.#lanes();
    const common = { data: this.#data, view: this.#view, width: this.#width };
    byId("lanes-chart").replaceChildren(
      lanesChart({ ...common, nodes, messages, chosen: this.#chosen }),
    );
    byId("lanes-note").textContent = notes(messages.rows.length, messages.total);
    byId("services-charts").replaceChildren(...serviceCharts(record, this.#view, this.#width));
    const more = servedOf(record).length - servicesMost;
    byId("services-note").textContent = more > 0 ? `${more} more services are not drawn.` : "";
    this.#drawTasks();
    this.#placeOverlays();
  }

  #drawTasks(): void {
    const { record } = this.#data;
    const choice = (byId("task-service") as HTMLSelectElement).value;
    const slots = slotsOf(record, choice === "" ? null : choice);
    byId("tasks-chart").replaceChildren(tasksChart(record, slots, this.#view, this.#width));
    byId("tasks-note").textContent =
      slots.length === slotCount(record, choice === "" ? null : choice)
        ? ""
        : `The ${slots.length} slots with the most to tell are drawn.`;
  }

  /** Managers always; workers unless they were switched off. */
  #lanes(): number[] {
    const { nodes, roles } = this.#data.record;
    const all = nodes.map((_, node) => node);
    if ((byId("workers") as HTMLInputElement).checked) return all;
    const managers = new Set(roles.map(({ node }) => node));
    return all.filter((node) => managers.has(node));
  }

  #showMoment(): void {
    const { data, moment } = { data: this.#data, moment: this.#moment };
    byId("moment").replaceChildren(
      ...momentPanel({
        ...{ data, moment, states: this.#states, chosen: this.#chosen },
        choose: (row) => this.#choose(row),
      }),
    );
    this.#story.mark(moment);
    this.#placeOverlays();
    const isWhole = this.#view.from === 0 && this.#view.to === this.#whole.to;
    const hash = hashOf({ moment, view: isWhole ? null : this.#view });
    if (hash !== location.hash) history.replaceState(null, "", hash);
  }

  /** The line through all charts at the moment, and the window on the overview. */
  #placeOverlays(): void {
    const x = placeAt(this.#moment, this.#view, this.#width);
    const isInside = this.#moment >= this.#view.from && this.#moment <= this.#view.to;
    const line = byId("moment-line");
    line.style.left = `${x}px`;
    line.hidden = !isInside;
    const from = placeAt(this.#view.from, this.#whole, this.#width);
    const to = placeAt(this.#view.to, this.#whole, this.#width);
    const box = byId("overview-window");
    box.hidden = this.#view.from === 0 && this.#view.to === this.#whole.to;
    box.style.left = `${from}px`;
    box.style.width = `${Math.max(3, to - from)}px`;
    const width = this.#view.to - this.#view.from;
    const span = `${timeText(this.#view.from, width)} to ${timeText(this.#view.to, width)}`;
    byId("window-text").textContent = span;
  }
}

/** Where a run that passed is looked at first. */
function firstFault({ record }: ReportData): number | null {
  const fault = record.story.find(({ kind }) => kind === "fault");
  return fault === undefined ? null : Math.round(fault.at * 1e6);
}

function notes(drawn: number, total: number): string {
  if (drawn === total) return `All ${grouped(total)} messages of this window are drawn.`;
  return (
    `${grouped(drawn)} of the ${grouped(total)} messages of this window are drawn, ` +
    "heartbeats last; zoom in for all of them."
  );
}

/** Fills the choice of services above the tasks. */
export function fillServices({ record }: ReportData): void {
  const names = [...new Set(record.tasks.map(({ service }) => service))];
  byId("task-service").append(
    element("option", { value: "" }, "all services"),
    ...names.map((name) => element("option", { value: name }, name)),
  );
}
