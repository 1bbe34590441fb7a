import type { NodeFrame, ServiceFrame } from "../../core/observe/frame.ts";
import type { OperatorCommand } from "../../core/observe/source.ts";
import { nodeName } from "../parts/node-words.ts";
import type { Ui } from "../ui.ts";
import { type Binding, type Pressed, type Situation, saying } from "./binding.ts";
import { chooseNode, chosenNode } from "./fault-keys.ts";

interface Question {
  readonly question: string;
  readonly command: OperatorCommand;
}

/** What an operator asks of the cluster; each is confirmed first. */
export const operatorKeys: readonly Binding[] = [
  { keys: ["d"], shown: "d", what: "drain", press: onNode(drain) },
  { keys: ["a"], shown: "a", what: "activate", press: onNode(activate) },
  { keys: ["P"], shown: "P", what: "promote", press: onNode(promote) },
  { keys: ["D"], shown: "D", what: "demote", press: onNode(demote) },
  { keys: ["S"], shown: "S", what: "scale a service", press: beginScale },
];

export function ask(ui: Ui, { question, command }: Question): Pressed {
  return { ui: { ...ui, prompt: { kind: "confirm", question, command } } };
}

/** A question, or why there is none. */
function onNode(what: (node: NodeFrame) => Question | string): Binding["press"] {
  return (situation) => {
    const node = chosenNode(situation);
    if (node === null) return saying(situation.ui, chooseNode);
    if (node.record === null) return saying(situation.ui, `${nodeName(node)} has not joined yet.`);
    const asked = what(node);
    return typeof asked === "string" ? saying(situation.ui, asked) : ask(situation.ui, asked);
  };
}

function drain(node: NodeFrame): Question | string {
  const name = nodeName(node);
  if (node.record?.availability === "drain") return `${name} is drained already.`;
  const { tasks } = node.load;
  const moves = tasks === 0 ? "It has no tasks." : `Its tasks (${tasks}) will run elsewhere.`;
  return {
    question: `Drain ${name}? ${moves}`,
    command: { kind: "availability", node: node.id, availability: "drain" },
  };
}

function activate(node: NodeFrame): Question | string {
  const name = nodeName(node);
  if (node.record?.availability === "active") return `${name} is active already.`;
  return {
    question: `Activate ${name}? It may be given tasks again.`,
    command: { kind: "availability", node: node.id, availability: "active" },
  };
}

function promote(node: NodeFrame): Question | string {
  const name = nodeName(node);
  if (node.record?.desiredRole === "manager") return `${name} is a manager already.`;
  return {
    question: `Promote ${name} to a manager?`,
    command: { kind: "role", node: node.id, role: "manager" },
  };
}

function demote(node: NodeFrame): Question | string {
  const name = nodeName(node);
  if (node.record?.desiredRole === "worker") return `${name} is a worker already.`;
  return {
    question: `Demote ${name} to a worker?`,
    command: { kind: "role", node: node.id, role: "worker" },
  };
}

function beginScale(situation: Situation): Pressed {
  const { ui } = situation;
  const service = chosenService(situation);
  if (service === null) return saying(ui, "Choose a service first, in view 2, or a task of it.");
  if (service.mode !== "replicated") {
    return saying(ui, `${service.name} is ${service.mode}: only replicated services are scaled.`);
  }
  return { ui: { ...ui, prompt: { kind: "scale", service: service.id, text: "" } } };
}

function chosenService({ contents, at, moment }: Situation): ServiceFrame | null {
  const { service } = contents.subject(at);
  return moment.frame.services.find(({ id }) => id === service) ?? null;
}
