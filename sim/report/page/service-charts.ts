import * as Plot from "@observablehq/plot";
import type { RecordedService, RunRecord } from "../../record/run-record.ts";
import { overTime, shortName } from "./chart-frame.ts";
import type { ViewWindow } from "./view-window.ts";

/** More services than these have no chart of their own. */
export const servicesMost = 24;

/** For each service how many tasks ran at each moment, against how many were wanted. */
export function serviceCharts(record: RunRecord, view: ViewWindow, width: number): SVGSVGElement[] {
  const services = servedOf(record).slice(0, servicesMost);
  return services.map((service, at) =>
    serviceChart(service, record.end, view, width, at === services.length - 1),
  );
}

/** The services that ever wanted a task, or ran one. */
export function servedOf({ services }: RunRecord): RecordedService[] {
  return services.filter(({ points }) =>
    points.some(({ wanted, running }) => wanted > 0 || running > 0),
  );
}

function serviceChart(
  { name, points }: RecordedService,
  end: number,
  view: ViewWindow,
  width: number,
  isLast: boolean,
): SVGSVGElement {
  const all = stepped(points, end).map(({ at, ...rest }) => ({ seconds: at / 1e6, ...rest }));
  const most = Math.max(1, ...points.map(({ wanted, running }) => Math.max(wanted, running)));
  const frame = overTime(view, width);
  const line = { x: "seconds", curve: "step-after", clip: true } as const;
  const chart = Plot.plot({
    ...frame,
    x: { ...frame.x, axis: isLast ? "bottom" : null },
    height: isLast ? 82 : 62,
    ...{ marginTop: 8, marginBottom: isLast ? 26 : 6 },
    y: { domain: [0, most], ticks: [0, most], tickFormat: "d", label: null, tickSize: 3 },
    marks: [
      Plot.areaY(all, { ...line, y1: 0, y2: "running", fill: "var(--task)", fillOpacity: 0.55 }),
      Plot.areaY(all, {
        ...{ ...line, y1: "running", y2: (point) => Math.max(point.wanted, point.running) },
        fill: "url(#hatch-short)",
      }),
      Plot.lineY(all, { ...line, y: "running", stroke: "var(--task)", strokeWidth: 1.6 }),
      Plot.lineY(all, {
        ...{ ...line, y: "wanted", stroke: "var(--text)", strokeDasharray: "5 3" },
      }),
      Plot.text([name], {
        ...{
          frameAnchor: "left",
          dx: -90,
          text: (each: string) => shortName(each, 10),
          textAnchor: "start",
        },
        ...{ fontWeight: 600, title: (each: string) => each },
      }),
    ],
    ariaLabel: `Tasks of ${name} that ran, over time`,
  });
  return chart as unknown as SVGSVGElement;
}

/** The last point goes on to the end of the run. */
function stepped(points: RecordedService["points"], end: number): RecordedService["points"] {
  const last = points.at(-1);
  return last === undefined ? [] : [...points, { ...last, at: end }];
}
