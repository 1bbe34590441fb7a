import type { SourceMoment } from "../core/observe/source.ts";
import type { Line } from "./line.ts";
import type { Look } from "./look.ts";

export type ViewName = "cluster" | "services" | "tasks" | "raft" | "events" | "invariants";

/** What a command about the chosen thing concerns. */
export interface Subject {
  readonly node: string | null;
  readonly service: string | null;
}

/** Room on the screen, in columns and rows. */
export interface Area {
  readonly width: number;
  readonly height: number;
}

/** What is to be drawn: these items of this moment, into this room. */
export interface Scene<Item> extends Area {
  readonly moment: SourceMoment;
  readonly items: readonly Item[];
  /** Index of the chosen item; -1: there is none. */
  readonly at: number;
  readonly look: Look;
}

/** How one view shows things of a kind. All functions of it are pure. */
interface Definition<Item> {
  readonly name: ViewName;
  readonly title: string;
  /** Of a list that grows: its end is shown until something is chosen. */
  readonly followsEnd?: true;
  /** All there are. */
  items(moment: SourceMoment): readonly Item[];
  /** Stays the same from moment to moment. */
  id(item: Item): string;
  /** What a filter looks into. */
  words(item: Item): string;
  subject?(item: Item): Partial<Subject>;
  /** How many stand beside one another; 1 where it is a list. */
  columns?(width: number): number;
  draw(scene: Scene<Item>): readonly Line[];
  details(item: Item, moment: SourceMoment, look: Look, width: number): readonly Line[];
  /** A sentence for when there is nothing. */
  nothing(moment: SourceMoment): string;
}

/** What was chosen: its id, and where it stood, for when it is gone. */
export interface Choice {
  readonly id: string;
  readonly at: number;
}

/** A view of one moment, filtered. */
export interface Contents {
  readonly count: number;
  /** Before the filter. */
  readonly total: number;
  readonly nothing: string;
  /** Index of what was chosen or of what took its place; -1 where there is nothing. */
  locate(choice: Choice | null): number;
  choiceAt(at: number): Choice | null;
  subject(at: number): Subject;
  columns(width: number): number;
  draw(area: Area, at: number, look: Look): readonly Line[];
  details(at: number, look: Look, width: number): readonly Line[];
}

export interface View {
  readonly name: ViewName;
  readonly title: string;
  /** Only what has every word of the filter, in capitals or not. */
  open(moment: SourceMoment, filter: string): Contents;
}

export function view<Item>(definition: Definition<Item>): View {
  const { name, title } = definition;
  return {
    ...{ name, title },
    open: (moment, filter) => contents(definition, moment, filter),
  };
}

function contents<Item>(view: Definition<Item>, moment: SourceMoment, filter: string): Contents {
  const all = view.items(moment);
  const items = filtered(all, filter, view.words);
  const idAt = (at: number) => {
    const item = items[at];
    return item === undefined ? null : view.id(item);
  };
  return {
    count: items.length,
    total: all.length,
    nothing: all.length === 0 ? view.nothing(moment) : `Nothing matches '${filter}'.`,
    locate: (choice) => {
      if (choice === null)
        return view.followsEnd ? items.length - 1 : Math.min(0, items.length - 1);
      if (idAt(choice.at) === choice.id) return choice.at;
      const moved = items.findIndex((item) => view.id(item) === choice.id);
      return moved < 0 ? Math.min(choice.at, items.length - 1) : moved;
    },
    choiceAt: (at) => {
      const id = idAt(at);
      return id === null ? null : { id, at };
    },
    subject: (at) => {
      const item = items[at];
      const none = { node: null, service: null };
      return item === undefined ? none : { ...none, ...view.subject?.(item) };
    },
    columns: (width) => view.columns?.(width) ?? 1,
    draw: (area, at, look) => view.draw({ ...area, moment, items, at, look }),
    details: (at, look, width) => {
      const item = items[at];
      return item === undefined ? [] : view.details(item, moment, look, width);
    },
  };
}

function filtered<Item>(
  items: readonly Item[],
  filter: string,
  words: (item: Item) => string,
): readonly Item[] {
  const wanted = filter
    .toLowerCase()
    .split(" ")
    .filter((word) => word !== "");
  if (wanted.length === 0) return items;
  return items.filter((item) => {
    const text = words(item).toLowerCase();
    return wanted.every((word) => text.includes(word));
  });
}
