import type { NodeFrame } from "../../core/observe/frame.ts";
import type { FaultCommand } from "../../core/observe/source.ts";
import { nodeName } from "../parts/node-words.ts";
import { type Binding, type Pressed, type Situation, saying } from "./binding.ts";

/** The machine of what is chosen. */
export function chosenNode({ contents, at, moment }: Situation): NodeFrame | null {
  const { node } = contents.subject(at);
  return moment.frame.nodes.find(({ id }) => id === node) ?? null;
}

export const chooseNode = "Choose a machine first, in view 1 or 4, or a task that has one.";

function onNode(command: (node: NodeFrame) => FaultCommand | string): Binding["press"] {
  return (situation) => {
    const { ui } = situation;
    const node = chosenNode(situation);
    if (node === null) return saying(ui, chooseNode);
    const chosen = command(node);
    return typeof chosen === "string" ? saying(ui, chosen) : { ui, command: chosen };
  };
}

function crashOrRestart({ id, machine }: NodeFrame): FaultCommand {
  const isOff = machine === "down" || machine === "refused";
  return { kind: isOff ? "restart" : "crash", node: id };
}

function pauseOrResume(node: NodeFrame): FaultCommand | string {
  const { id, machine } = node;
  if (machine === "paused") return { kind: "resume-node", node: id };
  if (machine === "up") return { kind: "pause-node", node: id };
  return `${nodeName(node)} is off: it can't be paused.`;
}

function beginLink(situation: Situation): Pressed {
  const { ui } = situation;
  const node = chosenNode(situation);
  if (node === null) return saying(ui, chooseNode);
  const view = ui.view === "raft" ? "raft" : "cluster";
  return { ui: { ...ui, view, isInSide: false, prompt: { kind: "link", from: node.id } } };
}

/** What can be done to a simulated world by hand. */
export const faultKeys: readonly Binding[] = [
  { keys: ["x"], shown: "x", what: "crash, or start again", press: onNode(crashOrRestart) },
  { keys: ["z"], shown: "z", what: "pause, or let go on", press: onNode(pauseOrResume) },
  { keys: ["c"], shown: "c", what: "cut a link to another", press: beginLink },
  {
    keys: ["i"],
    shown: "i",
    what: "cut off from all others",
    press: onNode(({ id }) => ({ kind: "isolate", node: id })),
  },
  {
    keys: ["H"],
    shown: "H",
    what: "heal the network",
    press: ({ ui }: Situation) => ({ ui, command: { kind: "heal" } as const }),
  },
  {
    keys: ["s"],
    shown: "s",
    what: "save as a scenario",
    press: ({ ui }: Situation) => ({ ui, command: { kind: "save" } as const }),
  },
].map((each) => ({ ...each, only: "simulation" as const }));
