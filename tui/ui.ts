import type { OperatorCommand } from "../core/observe/source.ts";
import type { Tone } from "./line.ts";
import type { Choice, ViewName } from "./view.ts";

/** What the person at the keys has chosen; together with a moment it makes the picture. */
export interface Ui {
  readonly view: ViewName;
  readonly choices: Partial<Readonly<Record<ViewName, Choice>>>;
  readonly filters: Partial<Readonly<Record<ViewName, string>>>;
  /** `auto`: open where there is room. */
  readonly side: "auto" | "open" | "shut";
  /** Keys that move scroll the details. */
  readonly isInSide: boolean;
  /** How many lines of the details, or of the help, are above the screen. */
  readonly scroll: number;
  readonly prompt: Prompt | null;
  /** What came of the last command; until the next key. */
  readonly message: Message | null;
}

export interface Message {
  readonly text: string;
  readonly tone: Tone;
}

/** Takes the keys until it is answered. */
export type Prompt =
  | { readonly kind: "help" }
  | { readonly kind: "filter"; readonly text: string }
  /** The other end of the link that is to be cut. */
  | { readonly kind: "link"; readonly from: string }
  | { readonly kind: "scale"; readonly service: string; readonly text: string }
  | { readonly kind: "confirm"; readonly question: string; readonly command: OperatorCommand };

export const atFirst: Ui = {
  view: "cluster",
  choices: {},
  filters: {},
  side: "auto",
  isInSide: false,
  scroll: 0,
  prompt: null,
  message: null,
};
