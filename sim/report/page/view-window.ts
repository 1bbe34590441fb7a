/** The part of a run that is on the screen. Microseconds; `from < to`. */
export interface ViewWindow {
  readonly from: number;
  readonly to: number;
}

/** Closer than this nothing is to be seen: a message takes longer. */
const narrowest = 200;

/** The whole of a run that ends then, or a little more of one that is over at once. */
export function wholeOf(end: number): ViewWindow {
  return { from: 0, to: Math.max(end, narrowest) };
}

/** `view` moved and narrowed so that it lies within the run. */
export function within(view: ViewWindow, end: number): ViewWindow {
  const whole = wholeOf(end).to;
  const width = Math.min(Math.max(view.to - view.from, narrowest), whole);
  const from = Math.min(Math.max(0, view.from), whole - width);
  return { from, to: from + width };
}

/** Narrower by `factor` (wider, below 1), with `around` where it was. */
export function zoomed(view: ViewWindow, factor: number, around: number, end: number): ViewWindow {
  const width = Math.max(narrowest, (view.to - view.from) / factor);
  const share = (around - view.from) / (view.to - view.from);
  const from = around - share * width;
  return within({ from, to: from + width }, end);
}

/** Moved just so far that `moment` can be seen, with room around it. */
export function showing(view: ViewWindow, moment: number, end: number): ViewWindow {
  const width = view.to - view.from;
  const margin = width / 10;
  if (moment >= view.from + margin && moment <= view.to - margin) return view;
  return within({ from: moment - width / 2, to: moment + width / 2 }, end);
}

/** The first of the sorted `moments` after `moment`, or the last one before it. */
export function neighbour(
  moments: readonly number[],
  moment: number,
  direction: 1 | -1,
): number | null {
  const others = moments.filter((each) => (each - moment) * direction > 0);
  return (direction === 1 ? others[0] : others.at(-1)) ?? null;
}

/** What the address says: `#t=62.348`, in seconds, and perhaps what is on the screen. */
export interface Fragment {
  readonly moment: number | null;
  readonly view: ViewWindow | null;
}

export function fragmentOf(hash: string): Fragment {
  const words = new URLSearchParams(hash.replace(/^#/, ""));
  const read = (name: string): number | null => {
    const value = Number.parseFloat(words.get(name) ?? "");
    return Number.isFinite(value) && value >= 0 ? Math.round(value * 1e6) : null;
  };
  const [moment, from, to] = [read("t"), read("from"), read("to")];
  const view = from !== null && to !== null && from < to ? { from, to } : null;
  return { moment, view };
}

export function hashOf({ moment, view }: Fragment): string {
  const seconds = (us: number) => String(Math.round(us) / 1e6);
  const words = [
    ...(moment === null ? [] : [`t=${seconds(moment)}`]),
    ...(view === null ? [] : [`from=${seconds(view.from)}`, `to=${seconds(view.to)}`]),
  ];
  return words.length === 0 ? "" : `#${words.join("&")}`;
}
