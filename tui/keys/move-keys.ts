import type { ViewName } from "../view.ts";
import { views } from "../views.ts";
import type { Binding, Pressed, Situation } from "./binding.ts";

function toView(name: ViewName): Binding["press"] {
  return ({ ui }) => ({ ui: { ...ui, view: name, isInSide: false, scroll: 0 } });
}

const viewKeys: readonly Binding[] = views.map(({ name, title }, at) => ({
  keys: [String(at + 1)],
  shown: String(at + 1),
  what: title.toLowerCase(),
  press: toView(name),
}));

/** Moves by this many items, or scrolls the details by this many lines. */
function move(by: (situation: Situation) => number): Binding["press"] {
  return (situation) => {
    const { ui, at } = situation;
    const count = by(situation);
    if (ui.isInSide) return { ui: { ...ui, scroll: Math.max(0, ui.scroll + count) } };
    return choose(situation, at + count);
  };
}

function choose({ ui, contents }: Situation, to: number): Pressed {
  const choice = contents.choiceAt(Math.min(Math.max(0, to), contents.count - 1));
  if (choice === null) return { ui };
  return { ui: { ...ui, choices: { ...ui.choices, [ui.view]: choice }, scroll: 0 } };
}

/** A row of cards is moved over at once. */
function rowOf({ ui, contents, layout }: Situation): number {
  return ui.isInSide ? 1 : contents.columns(layout.main.width);
}

function pageOf({ layout, ui }: Situation): number {
  const isCards = ui.view === "cluster" && !ui.isInSide;
  return Math.max(1, isCards ? Math.floor(layout.main.height / 6) : layout.main.height - 2);
}

function sideways(by: 1 | -1): Binding["press"] {
  return (situation) => {
    const { ui, contents, layout } = situation;
    const isGrid = contents.columns(layout.main.width) > 1 || ui.view === "cluster";
    if (isGrid && !ui.isInSide) return choose(situation, situation.at + by);
    if (by === 1) return intoSide(situation);
    return { ui: { ...ui, isInSide: false } };
  };
}

function intoSide({ ui }: Situation): Pressed {
  return { ui: { ...ui, side: "open", isInSide: true } };
}

function toggleSide({ ui, layout }: Situation): Pressed {
  const isOpen = layout.side !== null;
  return { ui: { ...ui, side: isOpen ? "shut" : "open", isInSide: false, scroll: 0 } };
}

/** The last choice of a list that grows is given up: it follows its end again. */
function toEnd(situation: Situation): Pressed {
  const { ui, contents } = situation;
  if (ui.isInSide) return { ui: { ...ui, scroll: Number.MAX_SAFE_INTEGER } };
  if (ui.view !== "events") return choose(situation, contents.count - 1);
  const { events: _given, ...choices } = ui.choices;
  return { ui: { ...ui, choices, scroll: 0 } };
}

function toStart(situation: Situation): Pressed {
  const { ui } = situation;
  return ui.isInSide ? { ui: { ...ui, scroll: 0 } } : choose(situation, 0);
}

/** Out of what was entered last. */
function leave({ ui, moment }: Situation): Pressed {
  if ((moment.playback?.underWay ?? null) !== null) return { ui, command: { kind: "stop" } };
  if (ui.isInSide) return { ui: { ...ui, isInSide: false } };
  return { ui: { ...ui, filters: { ...ui.filters, [ui.view]: "" } } };
}

/** Views, and moving about in them. */
export const moveKeys: readonly Binding[] = [
  ...viewKeys,
  { keys: ["j", "down"], shown: "j down", what: "down", press: move(rowOf) },
  { keys: ["k", "up"], shown: "k up", what: "up", press: move((s) => -rowOf(s)) },
  { keys: ["h", "left"], shown: "h left", what: "left; out of the details", press: sideways(-1) },
  { keys: ["l", "right"], shown: "l right", what: "right; into the details", press: sideways(1) },
  { keys: ["g", "home"], shown: "gg home", what: "to the first", press: toStart },
  { keys: ["G", "end"], shown: "G end", what: "to the last", press: toEnd },
  {
    keys: ["page-down", "ctrl-f", "ctrl-d"],
    shown: "page down",
    what: "a page down",
    press: move((s) => rowOf(s) * pageOf(s)),
  },
  {
    keys: ["page-up", "ctrl-b", "ctrl-u"],
    shown: "page up",
    what: "a page up",
    press: move((s) => -rowOf(s) * pageOf(s)),
  },
  { keys: ["enter"], shown: "enter", what: "details at the side", press: toggleSide },
  {
    keys: ["tab", "shift-tab"],
    shown: "tab",
    what: "into the details and back",
    press: (s) => (s.ui.isInSide ? { ui: { ...s.ui, isInSide: false } } : intoSide(s)),
  },
  {
    keys: ["/"],
    shown: "/",
    what: "filter",
    press: ({ ui }) => ({
      ui: { ...ui, prompt: { kind: "filter", text: ui.filters[ui.view] ?? "" } },
    }),
  },
  { keys: ["escape"], shown: "esc", what: "out of a jump or filter", press: leave },
  {
    keys: ["?"],
    shown: "?",
    what: "this help",
    press: ({ ui }) => ({ ui: { ...ui, prompt: { kind: "help" }, scroll: 0 } }),
  },
  { keys: ["q", "ctrl-c"], shown: "q", what: "quit", press: ({ ui }) => ({ ui, isQuit: true }) },
];
