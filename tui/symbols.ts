/** Every drawn thing, each one column wide; what matters differs by shape, not by colour alone. */
export interface Symbols {
  readonly isUnicode: boolean;
  readonly up: string;
  readonly paused: string;
  readonly down: string;
  readonly refused: string;
  readonly unknown: string;
  readonly leader: string;
  readonly candidate: string;
  readonly follower: string;
  readonly worker: string;
  readonly ok: string;
  readonly broken: string;
  readonly cut: string;
  readonly oneWay: string;
  readonly to: string;
  readonly play: string;
  readonly playBack: string;
  readonly stop: string;
  readonly full: string;
  readonly half: string;
  readonly empty: string;
  readonly task: string;
  readonly dot: string;
  readonly track: string;
  readonly ahead: string;
  readonly head: string;
  readonly fault: string;
  readonly heal: string;
  readonly violation: string;
  readonly event: string;
  readonly pointer: string;
  readonly frame: Frame;
  /** The same around what is selected. */
  readonly bold: Frame;
}

/** The corners and sides of a box. */
export interface Frame {
  readonly topLeft: string;
  readonly topRight: string;
  readonly bottomRight: string;
  readonly bottomLeft: string;
  readonly flat: string;
  readonly side: string;
}

export const unicode: Symbols = {
  isUnicode: true,
  up: "●",
  paused: "‖",
  down: "✖",
  refused: "⊘",
  unknown: "?",
  leader: "★",
  candidate: "◆",
  follower: "◇",
  worker: "·",
  ok: "✔",
  broken: "✖",
  cut: "╳",
  oneWay: "⇥",
  to: "→",
  play: "▶",
  playBack: "◀",
  stop: "‖",
  full: "█",
  half: "▒",
  empty: "░",
  task: "■",
  dot: "·",
  track: "━",
  ahead: "─",
  head: "●",
  fault: "✖",
  heal: "+",
  violation: "!",
  event: "•",
  pointer: "▌",
  frame: {
    ...{ topLeft: "╭", topRight: "╮", bottomRight: "╯", bottomLeft: "╰" },
    ...{ flat: "─", side: "│" },
  },
  bold: {
    ...{ topLeft: "┏", topRight: "┓", bottomRight: "┛", bottomLeft: "┗" },
    ...{ flat: "━", side: "┃" },
  },
};

export const ascii: Symbols = {
  isUnicode: false,
  up: "o",
  paused: "=",
  down: "x",
  refused: "!",
  unknown: "?",
  leader: "L",
  candidate: "C",
  follower: "F",
  worker: "-",
  ok: "v",
  broken: "X",
  cut: "X",
  oneWay: ">",
  to: ">",
  play: ">",
  playBack: "<",
  stop: "=",
  full: "#",
  half: "+",
  empty: ".",
  task: "#",
  dot: "-",
  track: "=",
  ahead: "-",
  head: "O",
  fault: "x",
  heal: "+",
  violation: "!",
  event: "*",
  pointer: ">",
  frame: {
    ...{ topLeft: "+", topRight: "+", bottomRight: "+", bottomLeft: "+" },
    ...{ flat: "-", side: "|" },
  },
  bold: {
    ...{ topLeft: "#", topRight: "#", bottomRight: "#", bottomLeft: "#" },
    ...{ flat: "=", side: "#" },
  },
};
