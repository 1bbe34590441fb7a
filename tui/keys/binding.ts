import type { ClusterSource, SourceCommand, SourceMoment } from "../../core/observe/source.ts";
import type { Layout } from "../layout.ts";
import type { Message, Ui } from "../ui.ts";
import type { Contents } from "../view.ts";

/** What a key is pressed in. */
export interface Situation {
  readonly ui: Ui;
  readonly moment: SourceMoment;
  readonly kind: ClusterSource["kind"];
  readonly layout: Layout;
  /** The view as it is on the screen. */
  readonly contents: Contents;
  /** Index of the chosen item; -1: there is none. */
  readonly at: number;
}

/** What comes of a key. */
export interface Pressed {
  readonly ui: Ui;
  readonly command?: SourceCommand;
  readonly isQuit?: true;
}

/** A key, what it does, and the words for it in the help. */
export interface Binding {
  /** Names of keys as `key-names.ts` gives them. */
  readonly keys: readonly string[];
  /** As the help writes them. */
  readonly shown: string;
  readonly what: string;
  /** Default: for both. */
  readonly only?: ClusterSource["kind"];
  press(situation: Situation): Pressed;
}

export interface Group {
  readonly title: string;
  readonly bindings: readonly Binding[];
}

export function saying(ui: Ui, text: string, tone: Message["tone"] = "warn"): Pressed {
  return { ui: { ...ui, message: { text, tone } } };
}
