/** What the keys do, as the help shows it. */
export const keyHelp: readonly (readonly [keys: string, what: string])[] = [
  ["← →", "the moment a little earlier, a little later (with Shift: ten times as far)"],
  ["+ −", "closer, further away, around the moment"],
  ["0", "the whole run"],
  ["n p", "next, previous fault, election or violation"],
  ["v", "the violation"],
  ["Home End", "the beginning, the end"],
  ["?", "this help"],
  ["Esc", "close the help"],
];

export interface KeyActions {
  /** Moves the moment by this share of what is on the screen. */
  step(share: number): void;
  zoom(factor: number): void;
  whole(): void;
  jump(direction: 1 | -1): void;
  violation(): void;
  edge(which: "start" | "end"): void;
}

/** Carries out what a key asks for. False for a key that means nothing here. */
export function pressed(
  { key, shiftKey }: Pick<KeyboardEvent, "key" | "shiftKey">,
  actions: KeyActions,
  help: () => void,
): boolean {
  const share = shiftKey ? 0.1 : 0.01;
  const meanings = new Map<string, () => void>([
    ["ArrowLeft", () => actions.step(-share)],
    ["ArrowRight", () => actions.step(share)],
    ["+", () => actions.zoom(2)],
    ["=", () => actions.zoom(2)],
    ["-", () => actions.zoom(1 / 2)],
    ["0", () => actions.whole()],
    ["n", () => actions.jump(1)],
    ["p", () => actions.jump(-1)],
    ["v", () => actions.violation()],
    ["Home", () => actions.edge("start")],
    ["End", () => actions.edge("end")],
    ["?", help],
  ]);
  const meaning = meanings.get(key);
  meaning?.();
  return meaning !== undefined;
}
