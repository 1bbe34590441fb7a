import * as Plot from "@observablehq/plot";
import type { ReportData } from "../report-data.ts";
import { overTime } from "./chart-frame.ts";
import { wholeOf } from "./view-window.ts";

/** The whole run in a strip: how many messages, when the network was cut, faults, the violation. */
export function overviewChart({ record, result }: ReportData, width: number): SVGSVGElement {
  const whole = wholeOf(record.end);
  const bins = new Array<number>(240).fill(0);
  for (const at of record.messages.sentAt) {
    const bin = Math.min(bins.length - 1, Math.floor((at / whole.to) * bins.length));
    bins[bin] = (bins[bin] as number) + 1;
  }
  const step = whole.to / bins.length / 1e6;
  const bars = bins.map((count, bin) => ({ count, x1: bin * step, x2: (bin + 1) * step }));
  const cuts = record.partitions.map(({ from, to }) => ({ x1: from / 1e6, x2: to / 1e6 }));
  const faults = record.story.filter(({ kind }) => kind === "fault");
  const elections = record.story.filter(({ kind }) => kind === "election");
  const most = Math.max(1, ...bins);
  const chart = Plot.plot({
    ...overTime(whole, width),
    ...{ height: 74, marginTop: 8, marginBottom: 22 },
    y: { domain: [0, most * 1.35], axis: null },
    marks: [
      Plot.rect(cuts, {
        ...{ x1: "x1", x2: "x2", y1: 0, y2: most * 1.35 },
        fill: "url(#hatch-partition)",
      }),
      Plot.rect(bars, {
        ...{ x1: "x1", x2: "x2", y1: 0, y2: "count", fill: "var(--faint)", insetLeft: 0.5 },
      }),
      Plot.tickX(elections, {
        x: "at",
        stroke: "var(--election)",
        strokeWidth: 1.5,
        insetBottom: 34,
      }),
      Plot.tickX(faults, { x: "at", stroke: "var(--fault)", strokeWidth: 1.5, insetTop: 30 }),
      Plot.ruleX(result.violations, { x: "at", stroke: "var(--violation)", strokeWidth: 3 }),
    ],
    ariaLabel: "The whole run",
  });
  return chart as unknown as SVGSVGElement;
}
