import { unreachable } from "../../core/base/assert.ts";
import { nodeName } from "../parts/node-words.ts";
import type { Prompt, Ui } from "../ui.ts";
import { type Pressed, type Situation, saying } from "./binding.ts";
import { chosenNode } from "./fault-keys.ts";
import { moveKeys } from "./move-keys.ts";
import { ask } from "./operator-keys.ts";

const textMax = 60;
const replicasMax = 1_000_000;

/** A key while a prompt is open. */
export function pressInPrompt(prompt: Prompt, key: string, situation: Situation): Pressed {
  const { ui } = situation;
  if (key === "ctrl-c") return { ui, isQuit: true };
  switch (prompt.kind) {
    case "help":
      return pressInHelp(key, ui);
    case "filter":
      return pressInFilter(prompt.text, key, ui);
    case "link":
      return pressInLink(prompt.from, key, situation);
    case "scale":
      return pressInScale(prompt, key, situation);
    case "confirm":
      return pressInConfirm(prompt, key, ui);
    default:
      return unreachable(prompt);
  }
}

function closed(ui: Ui): Ui {
  return { ...ui, prompt: null };
}

function pressInHelp(key: string, ui: Ui): Pressed {
  const by = { j: 1, down: 1, k: -1, up: -1, "page-down": 10, "page-up": -10 }[key];
  if (by === undefined) return { ui: { ...closed(ui), scroll: 0 } };
  return { ui: { ...ui, scroll: Math.max(0, ui.scroll + by) } };
}

/** The text after this key; null: the key is none of writing. */
function written(text: string, key: string): string | null {
  if (key === "backspace") return [...text].slice(0, -1).join("");
  if (key === "ctrl-u") return "";
  return [...key].length === 1 && text.length < textMax ? text + key : null;
}

/** What is written filters at once. */
function pressInFilter(text: string, key: string, ui: Ui): Pressed {
  const filtering = (to: string) => ({ ...ui, filters: { ...ui.filters, [ui.view]: to } });
  if (key === "enter") return { ui: closed(ui) };
  if (key === "escape") return { ui: closed(filtering("")) };
  const now = written(text, key) ?? text;
  return { ui: { ...filtering(now), prompt: { kind: "filter", text: now } } };
}

/** Moves on to the other end, until that is chosen. */
function pressInLink(from: string, key: string, situation: Situation): Pressed {
  const { ui } = situation;
  if (key === "escape") return { ui: closed(ui) };
  if (key !== "enter" && key !== "c") {
    const moved = moveKeys.find(({ keys }) => keys.includes(key) && isMove(key));
    return moved?.press(situation) ?? { ui };
  }
  const to = chosenNode(situation);
  if (to === null || to.id === from) return saying(ui, "Move to the other end of the link.");
  return { ui: closed(ui), command: { kind: "cut", from, to: to.id } };
}

function isMove(key: string): boolean {
  return /^([hjklgG]|up|down|left|right|home|end|page-.*)$/.test(key);
}

type Scale = Extract<Prompt, { kind: "scale" }>;

function pressInScale(prompt: Scale, key: string, { ui, moment }: Situation): Pressed {
  if (key === "escape") return { ui: closed(ui) };
  if (key !== "enter") {
    const text = /^[0-9]$/.test(key) || key.length > 1 ? written(prompt.text, key) : null;
    return { ui: { ...ui, prompt: { ...prompt, text: text ?? prompt.text } } };
  }
  const service = moment.frame.services.find(({ id }) => id === prompt.service);
  if (service === undefined) return saying(closed(ui), "That service is gone.");
  const replicas = Number(prompt.text);
  if (prompt.text === "" || replicas > replicasMax) {
    return saying(ui, `Write how many tasks ${service.name} is to have, then Enter.`);
  }
  const question = `Scale ${service.name} from ${service.wanted} to ${replicas}?`;
  return ask(ui, { question, command: { kind: "scale", service: service.id, replicas } });
}

type Confirm = Extract<Prompt, { kind: "confirm" }>;

function pressInConfirm({ command }: Confirm, key: string, ui: Ui): Pressed {
  if (key === "y" || key === "Y") {
    return { ...saying(closed(ui), "Asked; the answer is on its way.", "busy"), command };
  }
  if (key === "n" || key === "N" || key === "escape" || key === "q") {
    return saying(closed(ui), "Nothing was done.", "quiet");
  }
  return { ui };
}

/** What the prompt asks, as it stands below the view. */
export function promptWords(prompt: Prompt, { frame }: Situation["moment"]): string {
  switch (prompt.kind) {
    case "help":
      return "Any key closes the help; j and k scroll it.";
    case "filter":
      return `/${prompt.text}_`;
    case "link": {
      const from = frame.nodes.find(({ id }) => id === prompt.from);
      const name = from === undefined ? prompt.from : nodeName(from);
      return `Cut the link between ${name} and: move there, then Enter. Esc gives up.`;
    }
    case "scale": {
      const service = frame.services.find(({ id }) => id === prompt.service);
      return `How many tasks is ${service?.name} to have? ${prompt.text}_`;
    }
    case "confirm":
      return `${prompt.question}  y / n`;
    default:
      return unreachable(prompt);
  }
}
